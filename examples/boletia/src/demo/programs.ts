import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './children.js'

const example = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const command = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.resolve('boletia-streams')))

/** Written as typed at the root of the repository. */
export const configPath = 'examples/boletia/boletia-streams.config.ts'
export const checkPath = 'examples/boletia/dist/check.js'

/** What every process of one demo is told. */
export interface Setting {
  /** With the database in its path. */
  readonly uri: string
  readonly mailFolder: string
}

export function serviceProgram(name: 'eventos' | 'reservas', port: number, { uri }: Setting): Program {
  return {
    name,
    args: [path.join(example, 'dist', `${name}.js`)],
    env: { ...inherited(uri), HOST: '127.0.0.1', PORT: String(port) },
  }
}

/** A call of `boletia-streams` with the example's config; `name` is for its log. */
export function commandProgram(name: string, args: readonly string[], { uri, mailFolder }: Setting): Program {
  return {
    name,
    args: [command, ...args, '--json', '--config', path.join(example, 'boletia-streams.config.ts')],
    env: { ...inherited(uri), MAIL_TRANSPORT: 'file', MAIL_DIR: mailFolder, SENDER_EMAIL: 'boletia@example.org' },
  }
}

export function checkProgram(acceptedFile: string, { uri, mailFolder }: Setting): Program {
  const args = ['--database', 'boletia', '--mails', mailFolder, '--accepted', acceptedFile, '--json']
  return { name: 'check', args: [path.join(example, 'dist', 'check.js'), ...args], env: inherited(uri) }
}

/** Nothing of the surroundings may lead a process of the demo to another MongoDB, or colour its log. */
function inherited(uri: string): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _colour, BOLETIA_STREAMS_CONFIG: _config, MONGODB_URI_FILE: _file, ...rest } = process.env
  return { ...rest, MONGODB_URI: uri, LOG_LEVEL: 'info', NO_COLOR: '1' }
}
