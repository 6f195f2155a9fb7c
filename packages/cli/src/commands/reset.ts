import type { Where } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { usage } from '../input/usage.js'
import { parseBy, parseWhere } from '../input/where.js'
import { type MoveFlags, movePosition, withMoveOptions } from '../move.js'
import type { CommandModule } from './registry.js'

interface ResetFlags extends MoveFlags {
  readonly to?: string
  readonly by?: string
}

export const command: CommandModule<ResetFlags> = {
  configure(reset: Command) {
    reset
      .argument('<name>', 'the stream')
      .option('--to <where>', 'earliest, latest, a time, -2h, token:<hex>, stream:<other> or prev (see help where)')
      .option('--by <duration>', 'relative to the saved position: -15m')
    withMoveOptions(reset).addHelpText(
      'after',
      '\nPrints a plan; --execute applies it. Backwards: changes are delivered again. Forwards: changes are skipped, which needs --confirm.' +
        '\n\nExamples:\n  boletia-streams reset streamReserva --to -1h\n  boletia-streams reset streamReserva --to 2026-11-21T00:00:07Z --execute --reason "mail outage"\n  boletia-streams reset streamReserva --to latest --execute --confirm streamReserva\n  boletia-streams reset streamReserva --to prev --execute',
    )
  },
  async run(app, [name = ''], flags) {
    return await movePosition(app, { name, where: whereOf(flags), flags, action: 'reset' })
  },
}

function whereOf({ to, by }: ResetFlags): Where {
  if (to !== undefined && by !== undefined)
    throw usage('reset: --to and --by together', 'Both say where to go: give one of them.')
  if (to !== undefined) return parseWhere(to, '--to')
  if (by !== undefined) return parseBy(by, '--by')
  throw usage('reset: where to?', 'Give --to <where>, or --by <duration>.', 'where')
}
