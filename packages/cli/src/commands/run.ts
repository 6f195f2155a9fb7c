import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { RunOptions, RunSummary, Stream } from '@boletia/streams-core'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { App } from '../app.js'
import { consentToLoss } from '../consent.js'
import { dryRunTogether } from '../dryRun.js'
import { parseAddress } from '../http/address.js'
import type { Monitor } from '../http/monitor.js'
import { parseDuration } from '../input/duration.js'
import { selectNames } from '../input/names.js'
import { parseCount } from '../input/number.js'
import { usage } from '../input/usage.js'
import { parseWhere } from '../input/where.js'
import { logSettings } from '../logSettings.js'
import { positionData } from '../output/positionData.js'
import { shellCommand, withOptions } from '../output/shellCommand.js'
import { version } from '../packageVersion.js'
import { runTogether } from '../runTogether.js'
import { settledLines } from '../settledLines.js'
import { type Drain, listenForSignals } from '../signals.js'
import { type World, openWorld } from '../world/open.js'
import { collect } from './collect.js'
import type { CommandModule } from './registry.js'

interface RunFlags {
  readonly all?: true
  readonly once?: true
  readonly until?: string
  readonly max?: string
  readonly standby?: true
  readonly takeOver?: true
  readonly acceptDrift?: true
  readonly confirm?: readonly string[]
  readonly keepGoing?: true
  readonly http?: string
  readonly onFatal?: string
  readonly drainTimeout?: string
  readonly dryRun?: true
  readonly output?: string
  readonly logLevel?: string
  readonly logFormat?: string
}

export const command: CommandModule<RunFlags> = {
  configure(run: Command) {
    run
      .argument('[name...]', 'streams, exact or as quoted globs')
      .option('--all', 'every stream of the config')
      .option('--once', 'stop when caught up with the moment of the start')
      .option('--until <time>', 'stop before the first change at or after this time')
      .option('--max <n>', 'stop after n changes (of each stream)')
      .option('--accept-drift', 'go on although the definition changed, for the streams that --confirm names')
      .option('--standby', 'wait while another worker holds a stream; when an operator must move its position, wait for that')
      .option('--take-over', 'take the streams that --confirm names from the live workers that hold them')
      .option('--confirm <name>', 'consent to --accept-drift and --take-over; repeatable', collect)
      .option('--keep-going', 'when a stream fails, let the others run on')
      .option('--on-fatal <what>', 'exit (default), or hold: what an error has halted stays up, unready, until an operator acts')
      .option(
        '--http <address>',
        '[host]:port for /livez, /readyz, /metrics and a page (this machine only, unless a host is given)',
      )
      .option('--drain-timeout <duration>', 'after a signal wait at most so long for the change in hand, then quit')
      .option('--dry-run', 'only say what would be done with each change: no handler is called, nothing is saved')
      .option(
        '--output <format>',
        'jsonl: a JSON object a line for each settled change; with --dry-run also text (its default: jsonl in a pipe)',
      )
      .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: LOG_LEVEL, the config’s, info)')
      .option('--log-format <format>', 'json or pretty (default: pretty on a terminal)')
      .addHelpText(
        'after',
        '\nExamples:\n  boletia-streams run streamReserva\n  boletia-streams run "stream*" --once\n  boletia-streams run --all --keep-going --log-format json\n  boletia-streams run streamReserva --output jsonl | jq .outcome\n  boletia-streams run streamReserva --dry-run --once\n  boletia-streams run streamReserva --standby\n  boletia-streams run streamReserva --take-over --confirm streamReserva',
      )
  },

  async run(app, args, flags) {
    const settings = logSettings({ level: flags.logLevel, format: flags.logFormat }, app.env)
    const ending = endingOf(flags)
    if (flags.http !== undefined) parseAddress(flags.http, '--http')
    if (flags.http !== undefined && flags.dryRun)
      throw usage('run: --http and --dry-run together', 'A dry run is no worker: there is nothing to be seen of it.')
    if (flags.all && args.length > 0) throw usage('run: names and --all together', 'Give either names or --all.')
    if (!flags.all && args.length === 0)
      throw usage('run: no stream is named', 'Give one or more names, a quoted glob, or --all.')

    if (flags.standby && flags.takeOver)
      throw usage('run: --standby and --take-over together', 'One waits for a held stream, the other takes it: give one of them.')

    const onFatal = onFatalOf(flags)
    const jsonl = outputOf(flags) === 'jsonl'
    // One document with --json: the summary.
    const observed = jsonl && flags.dryRun === undefined && !app.terminal.json
    if (observed) {
      app.terminal.endWithDocument()
      process.stdout.once('error', ({ code }: NodeJS.ErrnoException) => {
        // Told at once: the end, which tells it as well, may be months away.
        if (code !== 'EPIPE') app.warn(`stdout cannot be written (${code}): lines of settled changes are lost`)
      })
    }
    using interruption = listenForSignals(
      (name) => app.terminal.say(`${name}: finishing the change in hand (again: quit at once)`),
      drainOf(app, flags),
    )
    await using world = await openWorld(app, 'config required')
    const streams = selected(world, flags.all ? ['*'] : args)
    if (flags.dryRun) {
      const call = { streams, ending: ending(world.serverTime), signal: interruption.signal, jsonl }
      const summaries = await dryRunTogether(app, world, call)
      return { schema: 'run', data: { streams: summaries.map(summaryData) }, text: '' }
    }
    const consented = await consentedTo(app, streams, flags)
    const { runStream, sharedReaders } = await import('@boletia/streams-core')
    // Those that watch the same collection read from one cursor.
    const readers = sharedReaders()
    const { createLog } = await import('../log.js')
    const log = createLog(app.terminal, settings, world.config?.log?.level)
    await using monitor = await monitorOf(app, flags, world, streams, log)
    const observer = observed ? settledLines(app.terminal, monitor?.observer) : monitor?.observer
    const owner = `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`

    const summaries = await runTogether(streams, {
      signal: interruption.signal,
      keepGoing: flags.keepGoing === true,
      log,
      start(stream, signal) {
        // Whoever kills or watches the worker needs its own pid, at every log level: that of npx is another.
        log
          .child({ stream: stream.name, owner }, { level: 'info' })
          .info(`${stream.name} runs as pid ${process.pid}, owner ${owner}`)
        const { streams: _, ...places } = world.admin
        const run = runStream(stream, {
          ...places,
          ...ending(world.serverTime),
          signal,
          log,
          owner,
          readers,
          ...(observer && { observer }),
          standby: flags.standby === true,
          onFatal,
          acceptDrift: flags.acceptDrift === true && consented.has(stream.name),
          takeOver: flags.takeOver === true && consented.has(stream.name),
        })
        monitor?.started(stream.name, run)
        return run
      },
    })
    return { schema: 'run', data: { streams: summaries.map(summaryData) }, text: '' }
  },
}

/** Null when nobody wants to see anything. Its modules are loaded only then. */
async function monitorOf(
  { terminal: { redactor } }: App,
  { http }: RunFlags,
  world: World,
  streams: readonly Stream[],
  log: Logger,
): Promise<Monitor | null> {
  const text = http ?? world.config?.http
  if (text === undefined) return null
  const source = http === undefined ? 'the config’s http' : '--http'
  const { openMonitor } = await import('../http/monitor.js')
  const names = streams.map(({ name }) => name)
  return await openMonitor({ address: parseAddress(text, source), source, names, admin: world.admin, version, redactor, log })
}

function onFatalOf({ onFatal = 'exit' }: RunFlags): 'hold' | 'reject' {
  if (onFatal === 'hold') return 'hold'
  if (onFatal === 'exit') return 'reject'
  throw usage(`--on-fatal: "${onFatal}" is none of exit, hold`, 'Write for example --on-fatal hold.')
}

function outputOf({ output, dryRun }: RunFlags): string {
  // A run prints nothing of itself, in a pipe neither.
  if (output === undefined) return process.stdout.isTTY || !dryRun ? 'text' : 'jsonl'
  if (output === 'text' && !dryRun)
    throw usage(
      'run: --output text without --dry-run',
      'What a run does is in its logs (--log-format), or in JSON lines: --output jsonl.',
    )
  if (output === 'text' || output === 'jsonl') return output
  throw usage(`--output: "${output}" is none of text, jsonl`, 'Write for example --output jsonl.')
}

function drainOf(app: App, { drainTimeout }: RunFlags): Drain | undefined {
  if (drainTimeout === undefined) return undefined
  const timeoutMs = parseDuration(drainTimeout, '--drain-timeout')
  const onTimeout = () =>
    app.terminal.say(`the change in hand is not done after ${drainTimeout}: quitting; it is handled again after the next start`)
  return { timeoutMs, onTimeout }
}

function endingOf({ once, until, max }: RunFlags): (now: Date) => Pick<RunOptions, 'until' | 'max'> {
  if (once && until !== undefined) throw usage('run: --once and --until together', 'Both say when to stop: give one of them.')
  const limit = max === undefined ? {} : { max: parseCount(max, '--max') }
  if (once) return () => ({ ...limit, until: 'caught-up' })
  if (until === undefined) return () => limit
  const where = parseWhere(until, '--until')
  if (where.kind === 'time') return () => ({ ...limit, until: { time: where.time } })
  if (where.kind === 'ago') return (now) => ({ ...limit, until: { time: new Date(now.getTime() - where.ms) } })
  throw usage(`--until: "${until}" is not a time`, 'A run ends at a time with its zone, or relative to now (-2h).', 'where')
}

function selected({ config, configFile }: World, wanted: readonly string[]): Stream[] {
  const streams = config?.streams ?? []
  const names = selectNames(
    wanted,
    streams.map(({ name }) => name),
    configFile ?? 'the config',
  )
  return names.map((name) => streams.find((stream) => stream.name === name) as Stream)
}

/** The streams for which somebody has agreed to what `--accept-drift` and `--take-over` risk. */
async function consentedTo(
  app: App,
  streams: readonly Stream[],
  { acceptDrift, takeOver, confirm = [] }: RunFlags,
): Promise<ReadonlySet<string>> {
  const flags = [...(acceptDrift ? ['--accept-drift'] : []), ...(takeOver ? ['--take-over'] : [])]
  if (flags.length === 0) {
    if (confirm.length > 0)
      throw usage('run: --confirm without --accept-drift or --take-over', 'There is nothing to confirm.', 'consent')
    return new Set()
  }
  const names = streams.map(({ name }) => name)
  const unknown = confirm.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw usage(`--confirm: ${unknown} is not among the streams to run`, `To run are ${names.join(', ')}.`)
  // Each stream by its own name: "all of them" is how a changed pipeline that nobody looked at slips through.
  if (confirm.length === 0 && names.length > 1)
    throw usage(`run: ${flags.join(' ')} for several streams`, 'Say for which: --confirm <name>, once for each.', 'consent')
  const risks = [
    ...(acceptDrift ? ['changes that only the former definition matched will never be delivered'] : []),
    ...(takeOver ? ['the worker that holds it is fenced off; the change that it has in hand is handled twice'] : []),
  ]
  const wanted = confirm.length > 0 ? confirm : names
  for (const name of wanted) {
    const command = shellCommand(withOptions(app.argv, '--confirm', name))
    await consentToLoss(app.terminal, { name, loss: risks.join('; '), confirmed: confirm, command })
  }
  return new Set(wanted)
}

function summaryData({ name, handled, skipped, parked, held, position, reason }: RunSummary): object {
  return { name, handled, skipped, parked, held, position: positionData(position), reason }
}
