import type { Peeked } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { parseDuration } from '../input/duration.js'
import { parseCount } from '../input/number.js'
import { positionData } from '../output/positionData.js'
import { payloadLine, seenCells, seenData } from '../output/seenChange.js'
import { table } from '../output/table.js'
import type { Terminal } from '../output/terminal.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface PeekFlags {
  readonly limit?: string
  readonly before?: string
  readonly payload?: true
}

const defaultLimit = 10

export const command: CommandModule<PeekFlags> = {
  configure(peek: Command) {
    peek
      .argument('<name>', 'the stream')
      .option('-n, --limit <n>', `so many changes (default: ${defaultLimit})`)
      .option('--before <duration>', 'begin that long before the saved position: what was handled last')
      .option('--payload', 'the content too; what the config redacts stays out')
      .addHelpText(
        'after',
        '\nThe changes that come next, as the stream’s pipeline lets them out. Nothing is touched, no handler is called.' +
          '\n\nExamples:\n  boletia-streams peek streamReserva -n 1\n  boletia-streams peek streamReserva --before 15m --payload --json',
      )
  },

  async run(app, [name = ''], flags) {
    const limit = flags.limit === undefined ? defaultLimit : parseCount(flags.limit, '-n')
    const beforeMs = flags.before === undefined ? undefined : parseDuration(flags.before, '--before')
    const { peek } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const peeked = await peek(world.admin, name, {
      limit,
      ...(beforeMs !== undefined && { beforeMs }),
      payload: flags.payload === true,
    })
    if (!peeked.complete) app.warn(`${name}: the server was still searching after five seconds; there may be more`)
    else if (peeked.changes.length === 0) app.terminal.say(`${name}: no change lies after its position.`)
    const { redactor } = app.terminal
    const data = {
      name,
      from: positionData(peeked.from),
      changes: peeked.changes.map((change) => ({ ...seenData(change, redactor), settled: change.settled })),
      complete: peeked.complete,
    }
    return { schema: 'peek', data, text: rows(peeked, app.terminal) }
  },
}

function rows({ changes }: Peeked, { redactor }: Terminal): string {
  if (changes.length === 0) return ''
  const lines = table(
    changes.map((change) => [
      ...seenCells(change, redactor).slice(0, 2),
      change.settled ? 'settled' : 'to come',
      seenCells(change, redactor)[2],
    ]),
  ).split('\n')
  return lines.map((line, index) => line + payloadLine(changes[index] as Peeked['changes'][number], redactor)).join('\n')
}
