import { setTimeout as delay } from 'node:timers/promises'
import type { StreamStatus } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { parseDuration } from '../input/duration.js'
import { usage } from '../input/usage.js'
import { formatDuration } from '../output/format.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface WaitFlags {
  readonly until?: string
  readonly timeout?: string
}

const lookMs = 300

const reachedBy: Readonly<Record<string, (status: StreamStatus, now: Date) => boolean>> = {
  'caught-up': ({ lagMs }) => lagMs === 0,
  running: ({ state }) => state === 'running' || state === 'idle',
  paused: ({ paused, pauseSeenAt, lease }, now) =>
    paused !== null && (pauseSeenAt !== null || lease === null || lease.expiresAt <= now),
}

export const command: CommandModule<WaitFlags> = {
  configure(wait: Command) {
    wait
      .argument('<name>', 'the stream')
      .option(
        '--until <what>',
        'caught-up: nothing unsettled lies before the server’s last write; running: a worker holds it and it is not stuck; paused: an operator paused it, and no worker has a change in hand',
      )
      .option('--timeout <duration>', 'give up after so long: exit 11 (default: 60s)')
      .addHelpText(
        'after',
        '\nExamples:\n  boletia-streams wait streamReserva --until caught-up --timeout 60s\n  boletia-streams wait streamReserva --until running\n  boletia-streams wait streamReserva --until paused',
      )
  },

  async run(app, [name = ''], { until, timeout = '60s' }) {
    const reached = until === undefined ? undefined : reachedBy[until]
    if (until === undefined || reached === undefined)
      throw usage(
        until === undefined ? 'wait: for what?' : `--until: "${until}" is none of ${Object.keys(reachedBy).join(', ')}`,
        'Give --until caught-up, --until running or --until paused.',
      )
    const timeoutMs = parseDuration(timeout, '--timeout')
    const began = performance.now()
    const { streamStatus } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const connected = performance.now()
    for (;;) {
      const status = await streamStatus(world.admin, name)
      const waitedMs = Math.round(performance.now() - began)
      const done = reached(status, new Date(world.serverTime.getTime() + performance.now() - connected))
      if (!done && waitedMs < timeoutMs) {
        await delay(Math.min(lookMs, timeoutMs - waitedMs))
        continue
      }
      const { state, lagMs } = status
      const lag = lagMs === null ? 'its lag is not known' : `${formatDuration(lagMs)} behind`
      if (!done) app.terminal.say(`${name} is not ${until} after ${formatDuration(waitedMs)}: it is ${state}, ${lag}`)
      return { schema: 'wait', data: { name, until, reached: done, state, lagMs, waitedMs }, text: '', exit: done ? 0 : 11 }
    }
  },
}
