import type { StreamStatus } from '@boletia/streams-core/admin'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { headroomText, lagText } from '../output/distances.js'
import { formatTime } from '../output/format.js'
import { styledState } from '../output/streamState.js'
import { table } from '../output/table.js'
import { listenForSignals } from '../signals.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

const everyMs = 2000

export const command: CommandModule<{ readonly watch?: true }> = {
  configure(status: Command) {
    status
      .argument('<name>', 'the stream')
      .option('--watch', 'again every two seconds, until a signal; in a pipe what changed, with --json a document a line')
      .addHelpText('after', '\nExamples:\n  boletia-streams status streamReserva\n  boletia-streams status streamReserva --json')
  },
  async run(app, [name = ''], { watch }) {
    const { streamStatus } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    if (watch) {
      await watchStatus(app, async () => await streamStatus(world.admin, name))
      return { schema: 'status', data: null, text: '', streamed: true }
    }
    const status = await streamStatus(world.admin, name)
    return { schema: 'status', data: status, text: sheet(status, app) }
  },
}

async function watchStatus(app: App, ask: () => Promise<StreamStatus>): Promise<void> {
  const { terminal } = app
  const gone = new AbortController()
  // `| head` has seen enough.
  process.stdout.once('error', () => gone.abort())
  using interruption = listenForSignals(() => undefined)
  const signal = AbortSignal.any([interruption.signal, gone.signal])
  let shown = ''
  while (!signal.aborted) {
    const status = await ask()
    if (terminal.json) terminal.document(status)
    else {
      const text = sheet(status, app)
      if (process.stdout.isTTY) process.stdout.write('\u001B[H\u001B[2J')
      if (process.stdout.isTTY || text !== shown) terminal.data(shown === '' || process.stdout.isTTY ? text : `\n${text}`)
      shown = text
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

function sheet(status: StreamStatus, { terminal, again }: App): string {
  const {
    name,
    state,
    position,
    parked,
    held,
    owner,
    lease,
    rev,
    lastError,
    restarts,
    fingerprint,
    reader,
    batches,
    paused,
    pausedUntil,
    pauseSeenAt,
    backfill,
    gaps,
  } = status
  const rows = [
    ['name', name],
    ['state', styledState(state, terminal)],
    ['position', position === null ? 'none saved' : `${formatTime(position.clusterTime)}  ${position.token}`],
    ['lag', lagText(status)],
    ['headroom', headroomText(status)],
    ['parked', held === 0 ? String(parked) : `${parked}, and ${held} held behind them`],
    ['owner', owner ?? 'nobody'],
    ['lease', lease === null ? 'free' : `epoch ${lease.epoch}, until ${formatTime(lease.expiresAt)} unless renewed`],
    ['rev', String(rev)],
    ['restarts', String(restarts)],
    ['definition', definition(fingerprint)],
    ['reader', reader],
  ]
  if (batches !== null) rows.push(['batches', batchesText(batches)])
  if (paused !== null) {
    const end = pausedUntil === null ? 'until it is resumed' : `until ${formatTime(pausedUntil)}`
    const seen = pauseSeenAt === null ? '' : `; its worker holds still since ${formatTime(pauseSeenAt)}`
    rows.push(['paused', `${paused} (${end}${seen})`])
  }
  if (backfill !== null) {
    const { state: phase, scanned, startedAt } = backfill
    const doing = phase === 'scanning' ? 'existing documents first' : 'all existing documents; their live changes'
    rows.push(['backfill', `${doing}: ${scanned} handed over since ${formatTime(startedAt)}`])
  }
  if (lastError !== null) rows.push(['last error', `${lastError.code} (${lastError.name}) at ${formatTime(lastError.at)}`])
  if (lastError !== null && lastError.token !== null) {
    rows.push(['at change', lastError.token])
    const next =
      lastError.code === 'PARK_FAILED'
        ? `see why it cannot be parked (space, rights): ${again('doctor')}`
        : `mend it, or park it and go on: ${again('skip', name, '--change', lastError.token)}`
    rows.push(['next', next])
  }
  for (const { from, to, at } of gaps) {
    rows.push(['lost', `after ${formatTime(from)}, before ${to === null ? '?' : formatTime(to)} (found out ${formatTime(at)})`])
  }
  if (gaps.length > 0) rows.push(['', `what exists of it can be delivered: ${again('help', 'repair')}`])
  return table(rows)
}

function batchesText({ batches, changes, writes, commands, since, ...written }: NonNullable<StreamStatus['batches']>): string {
  const each = (sum: number) => (sum / batches).toLocaleString('en-US', { maximumFractionDigits: 1 })
  const { matched, inserted, upserted, deleted } = written
  const unmatched = Math.max(0, writes - matched - inserted - upserted - deleted)
  const told = `${batches.toLocaleString('en-US')} since ${formatTime(since)}; each of ${each(changes)} changes, ${each(writes)} writes, ${each(commands)} commands`
  return unmatched === 0 ? told : `${told}; ${unmatched.toLocaleString('en-US')} writes found nothing to do`
}

function definition({ hash, savedHash, drift }: StreamStatus['fingerprint']): string {
  if (hash === null) return 'not in the config'
  if (savedHash === null) return hash
  return drift
    ? `CHANGED since its position was saved: ${savedHash} then, ${hash} now (see help consent, --accept-drift)`
    : `${hash}, as saved`
}
