import { type DeadLetterFlags, choosing, chosen, lettersText } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<DeadLetterFlags> = {
  configure(letters) {
    choosing(letters).addHelpText(
      'after',
      '\nPrints one JSON object a line; with --json one document. What the config redacts stays out.' +
        '\n\nExamples:\n  boletia-streams dead-letters export streamReserva > parked.jsonl',
    )
  },

  async run(app, args, flags) {
    const { data } = await chosen(app, args, flags)
    return { schema: 'dead-letters.export', data, text: lettersText(app.terminal, data.letters) }
  },
}
