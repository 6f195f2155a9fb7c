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
      .addHelpText(
        'after',
        '\nDone at once. A halted stream is resumed where a worker holds on (run --on-fatal hold): it begins again with the change at which it stopped.\n\nExample:\n  boletia-streams resume streamNotificacion --reason "mail is back"',
      )
  },

  async run(app, [name = ''], { reason }) {
    const { resumeStream } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const { before: was, halt, owner } = await resumeStream(world.admin, name, { by: operator(), reason: reason ?? null })
    const undo =
      was === null
        ? null
        : app.again('pause', name, '--reason', was.reason, ...(was.until === null ? [] : ['--until', formatTime(was.until)]))
    const then = owner === null ? `start it with ${app.again('run', name)}` : `${owner} goes on within two seconds`
    const held = 'a worker that holds on (--on-fatal hold) begins again within two seconds'
    if (halt !== null) app.terminal.say(`Done: ${name} is no longer halted by ${halt.code}; ${held}, else ${then}`)
    else if (was === null) app.terminal.say(`${name} is neither paused nor halted; nothing was changed`)
    else app.terminal.say(`Done: ${name} is resumed; ${then}\nundo: ${undo}`)
    return { schema: 'resume', data: { name, resumed: was !== null || halt !== null, was, halt, owner, undo }, text: '' }
  },
}
