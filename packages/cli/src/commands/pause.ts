import type { Command } from 'commander'
import { parseMoment } from '../input/moment.js'
import { usage } from '../input/usage.js'
import { operator } from '../operator.js'
import { formatTime } from '../output/format.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface PauseFlags {
  readonly reason?: string
  readonly until?: string
}

export const command: CommandModule<PauseFlags> = {
  configure(pause: Command) {
    pause
      .argument('<name>', 'the stream')
      .option('--reason <text>', 'why: everybody who looks at the stream reads it, and the history keeps it')
      .option('--until <time>', 'go on by itself at this time, or after so long: 2026-11-21T06:00:00Z, 45m')
      .addHelpText(
        'after',
        '\nDone at once. A worker finishes the change in hand, keeps the stream and hands nothing more over, within two seconds.' +
          '\n\nExamples:\n  boletia-streams pause streamNotificacion --reason "mail provider is down"\n  boletia-streams pause streamReserva --reason "maintenance" --until 45m',
      )
  },

  async run(app, [name = ''], { reason, until }) {
    if (reason === undefined || reason.trim() === '')
      throw usage('pause: why?', 'Give --reason <text>: whoever finds the stream paused has to know whether to resume it.')
    const momentOf = until === undefined ? () => null : parseMoment(until, '--until')
    const { pauseStream } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const end = momentOf(world.serverTime)
    const { owner } = await pauseStream(world.admin, name, { by: operator(), reason, until: end })
    const undo = app.again('resume', name)
    app.terminal.say(
      [
        `Done: ${name} is paused${end === null ? '' : ` until ${formatTime(end)}`}; ${owner === null ? 'no worker holds it now' : `${owner} stops handing out within two seconds`}`,
        `undo: ${undo}`,
      ].join('\n'),
    )
    return { schema: 'pause', data: { name, reason, until: end, owner, undo }, text: '' }
  },
}
