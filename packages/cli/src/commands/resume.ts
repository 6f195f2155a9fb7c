import type { Command } from 'commander'
import { operator } from '../operator.js'
import { formatTime } from '../output/format.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<{ readonly reason?: string }> = {
  configure(resume: Command) {
    resume
      .argument('<name>', 'the stream')
      .option('--reason <text>', 'kept in the history')
      .addHelpText('after', '\nDone at once.\n\nExample:\n  boletia-streams resume streamNotificacion --reason "mail is back"')
  },

  async run(app, [name = ''], { reason }) {
    const { resumeStream } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const { before: was, owner } = await resumeStream(world.admin, name, { by: operator(), reason: reason ?? null })
    const undo =
      was === null
        ? null
        : app.again('pause', name, '--reason', was.reason, ...(was.until === null ? [] : ['--until', formatTime(was.until)]))
    const then = owner === null ? `start it with ${app.again('run', name)}` : `${owner} goes on within two seconds`
    app.terminal.say(
      was === null ? `${name} is not paused; nothing was changed` : `Done: ${name} is resumed; ${then}\nundo: ${undo}`,
    )
    return { schema: 'resume', data: { name, resumed: was !== null, was, owner, undo }, text: '' }
  },
}
