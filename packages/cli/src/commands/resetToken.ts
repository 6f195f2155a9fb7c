import type { Command } from 'commander'
import { type MoveFlags, movePosition, withMoveOptions } from '../move.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<MoveFlags> = {
  configure(resetToken: Command) {
    resetToken.argument('<name>', 'the stream')
    withMoveOptions(resetToken).addHelpText(
      'after',
      '\nThe stream goes on from now; what lies between is skipped, so --execute needs --confirm.' +
        '\n\nExamples:\n  boletia-streams reset-token streamReserva\n  boletia-streams reset-token streamReserva --execute --confirm streamReserva --reason "test data"',
    )
  },
  async run(app, [name = ''], flags) {
    return await movePosition(app, { name, where: { kind: 'latest' }, flags, action: 'reset-token' })
  },
}
