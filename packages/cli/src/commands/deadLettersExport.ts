import { redactedJson } from '../output/redactedJson.js'
import { type DeadLetterFlags, choosing, chosen } from './deadLetterFlags.js'
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
    const redacted = data.letters.map((letter) => redactedJson(app.terminal.redactor, letter)).join('\n')
    // Of no letter nothing is printed.
    return { schema: 'dead-letters.export', data, text: redacted === '' ? '' : { redacted } }
  },
}
