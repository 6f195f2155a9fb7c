import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StreamError } from '../streamError.js'
import type { MongodBinary } from './mongod/mongodBinary.js'

/** What a test may change about a mongod of its own. */
export interface MongodOptions {
  /** Extra arguments, e.g. `['--syncdelay', '1']`. */
  readonly args?: readonly string[]
  /**
   * Size of the oplog in MB. With 1 and `--syncdelay 1` history is lost in about a second of writing documents of 200 kB: mongod
   * forgets only while it writes, and only what a checkpoint has saved.
   */
  readonly oplogSizeMb?: number
  /** Server parameters, e.g. `{ enableTestCommands: true }` for `failCommand`. */
  readonly setParameters?: Readonly<Record<string, string | number | boolean>>
}

/**
 * The arguments of mongod for these options. Throws INVALID_OPTIONS with mongod's own words when it refuses them: from
 * mongodb-memory-server only an exit code comes back.
 */
export async function mongodArgs(binary: MongodBinary, options: MongodOptions): Promise<string[]> {
  const given: string[] = []
  if (options.oplogSizeMb !== undefined) given.push('--oplogSize', String(options.oplogSizeMb))
  for (const [name, value] of Object.entries(options.setParameters ?? {})) given.push('--setParameter', `${name}=${value}`)
  given.push(...(options.args ?? []))
  if (given.length > 0) await checkArgs(binary, given)
  // A quarter of a GB for the cache: several mongods share a small machine. No diagnostic data: nobody reads it here.
  return ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false', ...given]
}

/** With `--outputConfig` mongod reads its arguments and ends without starting. */
async function checkArgs(binary: MongodBinary, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(binary.path, [...args, '--outputConfig'])
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    const line = `${stderr}\n${stdout}`.split('\n').find((each) => /error/i.test(each)) ?? ''
    const reason = /"errmsg":"([^"]+)"/.exec(line)?.[1] ?? line
    throw new StreamError('INVALID_OPTIONS', `mongod ${binary.version} refuses the arguments of this test: ${reason}`, { cause })
  }
}
