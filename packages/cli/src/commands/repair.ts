import type { RepairPlan, Redelivered } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { consentToRepeat } from '../consent.js'
import { type DeliveryFlags, deliver, deliveryOptions, isEmpty } from '../delivery.js'
import { parseDocument } from '../input/document.js'
import { parseCount, parseRate } from '../input/number.js'
import { parseTime } from '../input/time.js'
import { usage } from '../input/usage.js'
import { logSettings } from '../logSettings.js'
import { formatDocuments, formatTime } from '../output/format.js'
import { counting, shownWhile } from '../output/progressBar.js'
import { table } from '../output/table.js'
import { listenForSignals } from '../signals.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface RepairFlags extends DeliveryFlags {
  readonly where?: string
  readonly gap?: string
}

export const command: CommandModule<RepairFlags> = {
  configure(repair: Command) {
    repair
      .argument('<name>', 'the stream')
      .option('--where <json>', 'which documents, as they are now: a condition in Extended JSON; {} is all of them')
      .option('--gap <time>', 'when the gap was found out, as status shows it (default: the newest)')
    deliveryOptions(repair, 'documents, by _id').addHelpText(
      'after',
      '\nFor changes that the oplog forgot before they were delivered: existing documents, as they are now, go to the handler, with context.backfill.' +
        '\nPrints how many match; --execute delivers them. The saved position stays where it is, and an ordered guard keeps what came since.' +
        '\n\nExamples:\n  boletia-streams repair streamReserva --where \'{"updatedAt":{"$gte":{"$date":"2026-11-21T00:00:00Z"}}}\'' +
        "\n  boletia-streams repair streamReserva --where '{}' --rate 100/s --execute",
    )
  },

  async run(app, [name = ''], flags) {
    const settings = logSettings({ level: flags.logLevel, format: flags.logFormat }, app.env)
    const { where, gap, limit, rate } = flags
    if (where === undefined)
      throw usage('repair: which documents?', 'Give --where <json>: a condition on their own fields; {} is all of them.')
    const request = {
      where: await parseDocument(where, '--where'),
      ...(gap !== undefined && { at: parseTime(gap, '--gap') }),
      ...(limit !== undefined && { limit: parseCount(limit, '--limit') }),
      ...(rate !== undefined && { rate: parseRate(rate, '--rate') }),
    }
    const { planRepair, repairGap } = await import('@boletia/streams-core/admin')
    const { createLog } = await import('../log.js')

    using interruption = listenForSignals((signal) =>
      app.terminal.say(`${signal}: finishing the document in hand (again: quit at once)`),
    )
    await using world = await openWorld(app, 'config required')
    const plan = await shownWhile(app.terminal, counting, planRepair(world.admin, name, request))
    const uncalled = plan.onReplay === 'skip' && !flags.sideEffects
    if (uncalled) app.warn(`${name} declares onReplay: "skip": its handler will not be called without --side-effects`)
    const shown = planText(app, plan, { uncalled, executed: flags.execute === true })
    const selectors = Object.keys(request.where).length === 0 ? [] : ['--where']
    if (isEmpty(app, { verb: 'repair', name, plan, selectors }))
      return { schema: 'repair', data: repairData(app, plan, null), text: flags.execute ? '' : shown }
    if (!flags.execute) {
      const apply = app.again('repair', name, ...again(flags), '--execute')
      return { schema: 'repair', data: repairData(app, plan, null), text: `${shown}\napply: ${apply}` }
    }
    if (!app.terminal.json) app.terminal.say(shown)
    await consentToRepeat(
      app.terminal,
      `Deliver ${formatDocuments(plan)} to ${name}${flags.sideEffects ? ', with side effects' : ''}?`,
      flags.yes === true,
    )
    const options = {
      sideEffects: flags.sideEffects === true,
      signal: interruption.signal,
      log: createLog(app.terminal, settings, world.config?.log?.level),
    }
    const done = await deliver(app, { verb: 'repair', name, count: plan.count, options }, (how) =>
      // The gap of the plan: another one may be recorded meanwhile.
      repairGap(world.admin, name, { ...request, at: plan.gap.at, ...how }),
    )
    return { schema: 'repair', data: repairData(app, plan, done), text: '' }
  },
}

/** The options of this call, for the command that applies its plan. */
function again({ where, gap, limit, rate, sideEffects }: RepairFlags): string[] {
  const values = { '--where': where, '--gap': gap, '--limit': limit, '--rate': rate }
  return [
    ...Object.entries(values).flatMap(([option, value]) => (value === undefined ? [] : [option, value])),
    ...(sideEffects ? ['--side-effects'] : []),
  ]
}

function planText(
  { terminal }: App,
  { name, gap, samples, ...counted }: RepairPlan,
  { uncalled, executed }: { readonly uncalled: boolean; readonly executed: boolean },
): string {
  const state = executed ? '' : `   ${terminal.style('data', 'yellow', 'nothing delivered yet')}`
  const rows = [
    ['gap', `${formatTime(gap.from)} … ${gap.to === null ? 'unknown' : formatTime(gap.to)}, found out at ${formatTime(gap.at)}`],
    [
      'effect',
      `${formatDocuments(counted)} ${uncalled ? 'will be passed over' : 'will be delivered'} as they are now; the saved position stays`,
    ],
    ...samples.map((key, index) => [index === 0 ? 'first' : '', JSON.stringify(terminal.redactor.document(key))]),
  ]
  return `${terminal.style('data', 'bold', `Plan: repair ${name}`)}${state}\n${table(rows.map(([label = '', value = '']) => [`  ${label}`, value]))}`
}

/** `data` of repair@1; `done` is null while it is only a plan. */
function repairData({ terminal }: App, { name, gap, count, exact, samples }: RepairPlan, done: Redelivered | null): object {
  return {
    name,
    gap,
    count,
    exact,
    samples: samples.map((key) => terminal.redactor.document(key)),
    executed: done !== null,
    delivered: done?.delivered ?? 0,
    skipped: done?.skipped ?? 0,
    failed: done?.failed ?? 0,
    leftOut: done?.leftOut ?? 0,
  }
}
