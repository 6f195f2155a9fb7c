import { consentToLoss } from '../consent.js'
import { operator } from '../operator.js'
import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import { collect } from './collect.js'
import { type DeadLetterFlags, again, choosing, filterOf, heading, letterCells } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

interface DiscardFlags extends DeadLetterFlags {
  readonly execute?: true
  readonly confirm?: readonly string[]
  readonly reason?: string
}

export const command: CommandModule<DiscardFlags> = {
  configure(discard) {
    choosing(discard)
      .option('--execute', 'apply the plan')
      .option('--confirm <name>', 'consent to never handling them: the stream’s name', collect)
      .option('--reason <text>', 'kept in the history')
      .addHelpText(
        'after',
        '\nTheir changes are never handled, and there is no undo: dead-letters export keeps a copy. What is held behind them stays, for redrive.' +
          '\n\nExamples:\n  boletia-streams dead-letters discard streamReserva 5f2c9a7be01d43c8a6f19e02 --execute --confirm streamReserva --reason "test data"',
      )
  },

  async run(app, [name = '', ...ids], { execute, confirm = [], reason, ...flags }) {
    const filter = filterOf(flags, ids)
    const { discardLetters, planLetters } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const plan = await planLetters(world.admin, name, filter(world.serverTime))
    const count = plan.letters.length
    const data = { name, count, executed: false, discarded: 0 }
    if (count === 0) {
      app.terminal.say(`${name}: nothing is parked.`)
      return { schema: 'dead-letters.discard', data, text: '' }
    }
    const apply = app.again('dead-letters', 'discard', name, ...again(flags, ids), '--execute', '--confirm', name)
    const rows = table([heading, ...plan.letters.map((letter) => letterCells(letter, app.terminal.redactor))])
    const shown = `Plan: discard ${count} dead letters of ${name}: their changes are never handled\n${rows}`
    if (!execute) return { schema: 'dead-letters.discard', data, text: `${shown}\napply: ${apply}` }
    if (!app.terminal.json) app.terminal.say(shown)
    await consentToLoss(app.terminal, { name, loss: `${count} changes are never handled`, confirmed: confirm, command: apply })
    const discarded = await discardLetters(world.admin, plan, { by: operator(), reason: reason ?? null })
    app.terminal.say(`Done: ${discarded} dead letters of ${name} are gone; there is no undo`)
    return { schema: 'dead-letters.discard', data: { ...data, executed: true, discarded }, text: '' }
  },
}
