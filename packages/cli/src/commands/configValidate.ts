import type { Command } from 'commander'
import { findConfig } from '../config/find.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(validate: Command) {
    validate.addHelpText(
      'after',
      '\nLoads the config and checks each of its fields; a mistake is exit 2 with its path. MongoDB is not met: see doctor.' +
        '\n\nExample:\n  boletia-streams config validate --config deploy/boletia-streams.config.mjs',
    )
  },

  async run(app) {
    const { file, config } = await findConfig(app)
    const streams = config.streams.map(({ name }) => name)
    app.terminal.say(`${file} is valid: ${streams.length === 0 ? 'no stream' : streams.join(', ')}`)
    return { schema: 'config.validate', data: { file, streams }, text: '' }
  },
}
