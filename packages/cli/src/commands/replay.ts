import type { Redelivered, ReplayPlan, ReplayRequest } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { consentToRepeat } from '../consent.js'
import { type DeliveryFlags, deliver, deliveryOptions, isEmpty } from '../delivery.js'
import { parseCount, parseRate } from '../input/number.js'
import { usage } from '../input/usage.js'
import { parseWhere } from '../input/where.js'
import { logSettings } from '../logSettings.js'
import { clusterDate, formatChanges, formatTime } from '../output/format.js'
import { positionData, positionText } from '../output/positionData.js'
import { counting, shownWhile } from '../output/progressBar.js'
import { table } from '../output/table.js'
import { listenForSignals } from '../signals.js'
import { openWorld } from '../world/open.js'
import { collect } from './collect.js'
import type { CommandModule } from './registry.js'

interface ReplayFlags extends DeliveryFlags {
  readonly from?: string
  readonly until?: string
  readonly doc?: string
  readonly op?: readonly string[]
}

export const command: CommandModule<ReplayFlags> = {
  configure(replay: Command) {
    replay
      .argument('<name>', 'the stream')
      .option('--from <where>', 'where to begin: earliest, a time, -2h, token:<hex>, … (see help where)')
      .option('--until <where>', 'where to end (default: the saved position, which is never passed)')
      .option('--doc <id>', 'only changes of the document with this _id: 24 hex digits, a text, or Extended JSON')
      .option('--op <type>', 'only this kind of change: insert, update, replace or delete; repeatable', collect)
    deliveryOptions(replay, 'changes').addHelpText(
      'after',
      '\nPrints how many changes it would deliver, and samples; --execute delivers them. The saved position stays where it is.' +
        '\n\nExamples:\n  boletia-streams replay streamReserva --from -1h\n  boletia-streams replay streamReserva --from -1d --doc 65a000000000000000000001 --execute\n  boletia-streams replay streamNotificacion --from -15m --side-effects --rate 1/s --execute',
    )
  },

  async run(app, [name = ''], flags) {
    const settings = logSettings({ level: flags.logLevel, format: flags.logFormat }, app.env)
    const request = requestOf(flags)
    const { planReplay, replay } = await import('@boletia/streams-core/admin')
    const { createLog } = await import('../log.js')

    using interruption = listenForSignals((signal) =>
      app.terminal.say(`${signal}: finishing the change in hand (again: quit at once)`),
    )
    await using world = await openWorld(app, 'config required')
    const plan = await shownWhile(app.terminal, counting, planReplay(world.admin, name, request))
    if (uncalled(plan, flags))
      app.warn(`${name} declares onReplay: "skip": its handler will not be called without --side-effects`)
    const shown = planText(app, plan, flags)
    const selectors = [...(flags.doc === undefined ? [] : ['--doc']), ...(flags.op === undefined ? [] : ['--op'])]
    if (isEmpty(app, { verb: 'replay', name, plan, selectors }))
      return { schema: 'replay', data: replayData(app, plan, null), text: flags.execute ? '' : shown }
    if (!flags.execute) {
      const apply = app.again('replay', name, ...again(flags), '--execute')
      return { schema: 'replay', data: replayData(app, plan, null), text: `${shown}\napply: ${apply}` }
    }
    if (!app.terminal.json) app.terminal.say(shown)
    await consentToRepeat(
      app.terminal,
      `Deliver ${formatChanges(plan)} to ${name} again${flags.sideEffects ? ', with side effects' : ''}?`,
      flags.yes === true,
    )
    const options = {
      sideEffects: flags.sideEffects === true,
      signal: interruption.signal,
      log: createLog(app.terminal, settings, world.config?.log?.level),
    }
    const done = await deliver(app, { verb: 'replay', name, count: plan.count, options }, (how) => replay(world.admin, plan, how))
    return { schema: 'replay', data: replayData(app, plan, done), text: '' }
  },
}

function requestOf({ from, until, doc, op, limit, rate }: ReplayFlags): ReplayRequest {
  if (from === undefined) throw usage('replay: from where?', 'Give --from <where>.', 'where')
  const wrong = op?.find((type) => !['insert', 'update', 'replace', 'delete'].includes(type))
  if (wrong !== undefined) throw usage(`--op: "${wrong}" is no kind of change`, 'There are insert, update, replace and delete.')
  return {
    from: parseWhere(from, '--from'),
    ...(until !== undefined && { until: parseWhere(until, '--until') }),
    ...(doc !== undefined && { doc }),
    ...(op !== undefined && { op }),
    ...(limit !== undefined && { limit: parseCount(limit, '--limit') }),
    ...(rate !== undefined && { rate: parseRate(rate, '--rate') }),
  }
}

/** The options of this call, for the command that applies its plan. */
function again({ from, until, doc, op = [], limit, rate, sideEffects }: ReplayFlags): string[] {
  const values = { '--from': from, '--until': until, '--doc': doc, '--limit': limit, '--rate': rate }
  return [
    ...Object.entries(values).flatMap(([option, value]) => (value === undefined ? [] : [option, value])),
    ...op.flatMap((type) => ['--op', type]),
    ...(sideEffects ? ['--side-effects'] : []),
  ]
}

function uncalled({ onReplay }: ReplayPlan, { sideEffects }: ReplayFlags): boolean {
  return onReplay === 'skip' && !sideEffects
}

function planText({ terminal }: App, plan: ReplayPlan, flags: ReplayFlags): string {
  const { name, from, until, samples } = plan
  const state = flags.execute ? '' : `   ${terminal.style('data', 'yellow', 'nothing delivered yet')}`
  const rows = [
    ['from', positionText(from)],
    ['until', positionText(until)],
    [
      'effect',
      `${formatChanges(plan)} ${uncalled(plan, flags) ? 'will be passed over' : 'will be delivered again'}; the saved position stays`,
    ],
    ...samples.map(({ clusterTime, operationType, documentKey }, index) => [
      index === 0 ? 'first' : '',
      `${formatTime(clusterDate(clusterTime))}   ${operationType}   ${JSON.stringify(terminal.redactor.document(documentKey))}`,
    ]),
  ]
  return `${terminal.style('data', 'bold', `Plan: replay ${name}`)}${state}\n${table(rows.map(([label = '', value = '']) => [`  ${label}`, value]))}`
}

/** `data` of replay@1; `done` is null while it is only a plan. */
function replayData(
  { terminal }: App,
  { name, from, until, count, exact, samples }: ReplayPlan,
  done: Redelivered | null,
): object {
  return {
    name,
    from: positionData(from),
    until: positionData(until),
    count,
    exact,
    samples: samples.map(({ token, clusterTime, operationType, documentKey }) => ({
      clusterTime: clusterDate(clusterTime),
      token,
      operationType,
      documentKey: terminal.redactor.document(documentKey),
    })),
    executed: done !== null,
    delivered: done?.delivered ?? 0,
    skipped: done?.skipped ?? 0,
    failed: done?.failed ?? 0,
    leftOut: done?.leftOut ?? 0,
  }
}
