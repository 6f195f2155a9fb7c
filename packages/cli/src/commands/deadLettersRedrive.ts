import type { LetterPlan, RedriveDone } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import { consentToRepeat } from '../consent.js'
import { logSettings } from '../logSettings.js'
import { operator } from '../operator.js'
import { formatChanges } from '../output/format.js'
import { progressBar } from '../output/progressBar.js'
import { table } from '../output/table.js'
import type { Terminal } from '../output/terminal.js'
import { listenForSignals } from '../signals.js'
import { openWorld } from '../world/open.js'
import { type DeadLetterFlags, again, choosing, filterOf, heading, letterCells } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

interface RedriveFlags extends DeadLetterFlags {
  readonly execute?: true
  readonly yes?: true
  readonly reason?: string
}

export const command: CommandModule<RedriveFlags> = {
  configure(redrive) {
    choosing(redrive)
      .option('--execute', 'apply the plan')
      .option('--yes', 'do not ask')
      .option('--reason <text>', 'kept with the mark')
      .addHelpText(
        'after',
        '\nA key goes as a whole, in order: what is held behind a chosen change goes with it. A running worker does it within seconds;' +
          '\nwithout one this command takes the stream, does it, and lets go. A change that fails again stays, and what is behind it.' +
          '\n\nExamples:\n  boletia-streams dead-letters redrive streamReserva\n  boletia-streams dlq redrive streamReserva --error TimeoutError --execute --yes --reason "provider is back"',
      )
  },

  async run(app, [name = '', ...ids], { execute, yes, reason, ...flags }) {
    const filter = filterOf(flags, ids)
    const { planLetters, redriveLetters } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const plan = await planLetters(world.admin, name, filter(world.serverTime))
    const data = { name, count: plan.ofKeys, keys: plan.keys.length, executed: false, redriven: 0, left: null, owner: plan.owner }
    const apply = app.again('dead-letters', 'redrive', name, ...again(flags, ids), '--execute')
    const shown = planText(plan, app.terminal)
    if (plan.keys.length === 0) app.terminal.say(`${name}: nothing is parked.`)
    if (!execute || plan.keys.length === 0)
      return { schema: 'dead-letters.redrive', data, text: plan.keys.length === 0 ? '' : `${shown}\napply: ${apply}` }
    if (!app.terminal.json) app.terminal.say(shown)
    await consentToRepeat(
      app.terminal,
      `Put ${formatChanges({ count: plan.ofKeys, exact: true })} of ${name} through its handler again?`,
      yes === true,
    )
    using interruption = listenForSignals((signal) =>
      app.terminal.say(`${signal}: finishing the change in hand (again: quit at once)`),
    )
    const { createLog } = await import('../log.js')
    using bar = progressBar(app.terminal, plan.ofKeys)
    const done = await redriveLetters(world.admin, plan, {
      by: operator(),
      reason: reason ?? null,
      log: createLog(app.terminal, logSettings({ level: undefined, format: undefined }, app.env), world.config?.log?.level),
      signal: interruption.signal,
      onProgress: (tried) => bar.update(tried),
    })
    const { redriven, failed, left, owner } = done
    // A signal that stopped it is no failure of the handler: what is left stays marked.
    const isStopped = interruption.signal.aborted && failed === 0
    if (left !== null && left > 0 && !isStopped) throw stillThere(name, done)
    app.terminal.say(
      owner !== null
        ? `Done: marked; ${owner} puts them back within seconds, see ${app.again('dead-letters', 'list', name)}`
        : left === 0
          ? `Done: ${redriven} changes of ${name} were handled; nothing of their keys is parked any more`
          : `Stopped before the end: ${redriven} changes of ${name} were handled, ${left} are left; the next worker puts those back, or go on: ${apply}`,
    )
    return { schema: 'dead-letters.redrive', data: { ...data, executed: true, redriven, left, owner }, text: '' }
  },
}

function planText({ name, letters, keys, ofKeys, owner }: LetterPlan, terminal: Terminal): string {
  const rows = table([heading, ...letters.map((letter) => letterCells(letter, terminal.redactor))])
  const counted = formatChanges({ count: ofKeys, exact: true })
  const whole = `${counted} of ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} to the handler again, in order`
  return `Plan: redrive ${name}: ${whole}; ${owner === null ? 'no worker runs: this command does it' : `by ${owner}`}\n${rows}`
}

function stillThere(name: string, { redriven, failed, left }: RedriveDone): StreamError<'HANDLER_FAILED'> {
  return new StreamError('HANDLER_FAILED', `${name}: ${redriven} changes were handled, ${left} are parked or held still`, {
    details: {
      stream: name,
      why:
        failed > 0
          ? `${failed} failed again; what is behind one of the same key waits. The log above has what failed.`
          : 'None failed, but nothing could be put back before the stream has read past them: run it, and it puts them back.',
    },
  })
}
