import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Child, start } from './child.js'
import type { Ground } from './suite.js'
import { NotRun } from './types.js'

const folder = (name: string) => fileURLToPath(new URL(`../../peers/${name}/`, import.meta.url))
const install = 'node bench/peers/install.mjs'

/** Other people's software, installed beside the project by its own script. */
export const peers: Record<
  'mongochangestream' | 'debezium',
  { version(): string | null; start(ground: Ground, order: object): Child }
> = {
  mongochangestream: {
    version() {
      const manifest = `${folder('mongochangestream')}node_modules/mongochangestream/package.json`
      return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : null
    },
    start({ redis }, order) {
      if (this.version() === null) throw new NotRun(`not installed: ${install}`)
      if (redis === null) throw new NotRun('there is no redis-server on the PATH')
      return start(process.execPath, [
        `${folder('mongochangestream')}main.mjs`,
        JSON.stringify({ ...order, redisPort: redis.port }),
      ])
    },
  },
  debezium: {
    version() {
      const file = `${folder('debezium')}target/version`
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
    },
    start(_, order) {
      if (this.version() === null) throw new NotRun(`not installed: ${install}`)
      const target = `${folder('debezium')}target`
      return start('java', ['-cp', `${target}/classes:${target}/lib/*`, 'Peer', JSON.stringify(order)])
    },
  },
}
