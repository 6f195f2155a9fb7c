import { openWorld } from '../world/open.js'
import { type DeadLetterFlags, choosing, filterOf, letterData } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule<DeadLetterFlags> = {
  configure(letters) {
    choosing(letters).addHelpText(
      'after',
      '\nPrints one JSON object a line; with --json one document. What the config redacts stays out.' +
        '\n\nExamples:\n  boletia-streams dead-letters export streamReserva > parked.jsonl',
    )
  },

  async run(app, [name = '', ...ids], flags) {
    const filter = filterOf(flags, ids)
    const { listLetters } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const found = await listLetters(world.admin, name, filter(world.serverTime))
    const letters = found.map((letter) => letterData(letter, app.terminal.redactor))
    return {
      schema: 'dead-letters.export',
      data: { name, letters },
      text: letters.map((letter) => JSON.stringify(letter)).join('\n'),
    }
  },
}
