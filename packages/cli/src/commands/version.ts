import { version } from '../packageVersion.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure() {},
  async run() {
    const node = process.versions.node
    return { schema: 'version', data: { version, node }, text: `boletia-streams ${version} (Node ${node})` }
  },
}
