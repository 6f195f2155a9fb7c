import type { HistoryEntry } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { parseCount } from '../input/number.js'
import { clusterDate, formatTime } from '../output/format.js'
import { positionData, positionText } from '../output/positionData.js'
import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

const defaultLimit = 20

export const command: CommandModule<{ readonly limit?: string }> = {
  configure(history: Command) {
    history
      .argument('<name>', 'the stream')
      .option('--limit <n>', `the last n moves (default: ${defaultLimit})`)
      .addHelpText(
        'after',
        '\nExamples:\n  boletia-streams history streamReserva\n  boletia-streams history streamReserva --limit 1 --json',
      )
  },
  async run(app, [name = ''], { limit }) {
    const count = limit === undefined ? defaultLimit : parseCount(limit, '--limit')
    const { history, lastPositions } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const [entries, { position, previous }] = await Promise.all([
      history(world.admin, name, { limit: count }),
      lastPositions(world.admin, name),
    ])
    if (entries.length === 0) app.terminal.say(`${name}: its position was never moved.`)
    const data = entries.map(({ at, action, by, reason, before, after, rev }) => ({
      at,
      action,
      by,
      reason,
      before: positionData(before),
      after: positionData(after),
      rev,
    }))
    const kept = table([
      ['saved now', positionText(position)],
      ['before the last move', previous === null ? '-' : `${positionText(previous)}   (reset ${name} --to prev)`],
    ])
    return {
      schema: 'history',
      data: { name, position: positionData(position), previous: positionData(previous), entries: data },
      text: entries.length === 0 ? kept : `${rows(entries)}\n\n${kept}`,
    }
  },
}

function rows(entries: readonly HistoryEntry[]): string {
  const time = (position: HistoryEntry['before']) => (position === null ? '-' : formatTime(clusterDate(position.clusterTime)))
  return table([
    ['AT', 'ACTION', 'REV', 'BEFORE', 'AFTER', 'BY', 'REASON'],
    ...entries.map(({ at, action, rev, before, after, by, reason }) => [
      formatTime(at),
      action,
      String(rev),
      time(before),
      time(after),
      by,
      reason ?? '-',
    ]),
  ])
}
