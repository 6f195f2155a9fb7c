import { type DeadLetterFlags, choosing, chosen, lettersText } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<DeadLetterFlags> = {
  configure(show) {
    choosing(show).addHelpText(
      'after',
      '\nWith all that the stream keeps of them, and what failed each time that they were put back. Of an error that is its name, code and class;' +
        '\nits message is in the log of the run, and here only with payload: "full".' +
        '\n\nExamples:\n  boletia-streams dead-letters show streamReserva 5f2c9a7be01d43c8a6f19e02\n  boletia-streams dlq show streamReserva --error ValidationError --limit 1',
    )
  },

  async run(app, args, flags) {
    const { data } = await chosen(app, args, flags)
    if (data.letters.length === 0) app.terminal.say(`${data.name}: nothing is parked.`)
    return { schema: 'dead-letters.show', data, text: lettersText(app.terminal, data.letters, 2) }
  },
}
