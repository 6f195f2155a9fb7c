import { usage } from '../input/usage.js'
import { redactedJson } from '../output/redactedJson.js'
import { openWorld } from '../world/open.js'
import { letterData } from './deadLetterFlags.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(show) {
    show
      .argument('<name>', 'the stream')
      .argument('<id...>', 'which; dead-letters list has the ids')
      .addHelpText('after', '\nExamples:\n  boletia-streams dead-letters show streamReserva 5f2c9a7be01d43c8a6f19e02')
  },

  async run(app, [name = '', ...ids]) {
    if (ids.length === 0) throw usage('dead-letters show: which?', 'Give an id; dead-letters list has them.')
    const { planLetters } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const { letters } = await planLetters(world.admin, name, { ids })
    const { redactor } = app.terminal
    const data = { name, letters: letters.map((letter) => letterData(letter, redactor)) }
    const redacted = data.letters.map((letter) => redactedJson(redactor, letter, 2)).join('\n')
    return { schema: 'dead-letters.show', data, text: { redacted } }
  },
}
