import type { StreamStatus } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { selectNames } from '../input/names.js'
import { formatDuration, formatTime } from '../output/format.js'
import { styledState } from '../output/streamState.js'
import { table } from '../output/table.js'
import type { Terminal } from '../output/terminal.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(list: Command) {
    list
      .argument('[glob]', 'only these, for example "stream*"')
      .addHelpText('after', '\nExamples:\n  boletia-streams list\n  boletia-streams ls "streamR*" --json')
  },
  async run(app, args) {
    const { listStreams, streamNames } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const names =
      args.length === 0 ? undefined : selectNames(args, await streamNames(world.admin), 'the config and the saved state')
    const streams = await listStreams(world.admin, names === undefined ? {} : { names })
    if (streams.length === 0) app.terminal.say('No stream is defined or saved here.')
    return { schema: 'list', data: { streams }, text: streams.length === 0 ? '' : rows(streams, app.terminal) }
  },
}

function rows(streams: readonly StreamStatus[], terminal: Terminal): string {
  const header = ['NAME', 'STATE', 'POSITION', 'LAG', 'HEADROOM', 'PARKED', 'OWNER'].map((title) =>
    terminal.style('data', 'bold', title),
  )
  const cells = streams.map(({ name, state, position, lagMs, headroomMs, parked, owner }) => [
    name,
    styledState(state, terminal),
    position === null ? '-' : formatTime(position.clusterTime),
    lagMs === null ? '-' : formatDuration(lagMs),
    headroomMs === null ? '-' : formatDuration(headroomMs),
    String(parked),
    owner ?? '-',
  ])
  return table([header, ...cells])
}
