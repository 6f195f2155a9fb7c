import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import { type DeadLetterFlags, choosing, filterOf, heading, letterCells, letterData } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<DeadLetterFlags> = {
  configure(list) {
    choosing(list).addHelpText(
      'after',
      '\nIn stream order. A held one waits behind the parked one of its key and was never tried.' +
        '\n\nExamples:\n  boletia-streams dead-letters list streamReserva\n  boletia-streams dlq list streamReserva --error ValidationError --since -2h --json',
    )
  },

  async run(app, [name = '', ...ids], flags) {
    const filter = filterOf(flags, ids)
    const { listLetters } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const letters = await listLetters(world.admin, name, filter(world.serverTime))
    const { redactor } = app.terminal
    if (letters.length === 0) app.terminal.say(`${name}: nothing is parked.`)
    const text = letters.length === 0 ? '' : table([heading, ...letters.map((letter) => letterCells(letter, redactor))])
    return { schema: 'dead-letters.list', data: { name, letters: letters.map((letter) => letterData(letter, redactor)) }, text }
  },
}
