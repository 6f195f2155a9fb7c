import { table } from '../output/table.js'
import { type DeadLetterFlags, choosing, chosen, heading, letterCells } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<DeadLetterFlags> = {
  configure(list) {
    choosing(list).addHelpText(
      'after',
      '\nIn stream order. A held one waits behind the parked one of its key and was never tried.' +
        '\n\nExamples:\n  boletia-streams dead-letters list streamReserva\n  boletia-streams dlq list streamReserva --error ValidationError --since -2h --json',
    )
  },

  async run(app, args, flags) {
    const { letters, data } = await chosen(app, args, flags)
    const { redactor } = app.terminal
    if (letters.length === 0) app.terminal.say(`${data.name}: nothing is parked.`)
    const text = letters.length === 0 ? '' : table([heading, ...letters.map((letter) => letterCells(letter, redactor))])
    return { schema: 'dead-letters.list', data, text }
  },
}
