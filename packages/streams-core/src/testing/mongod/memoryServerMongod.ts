import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { type MongodBinary, type NotFound, reasonOf, tryMongod } from './mongodBinary.js'

/** What mongodb-memory-server has downloaded before (its variables `MONGOMS_VERSION`, `MONGOMS_DOWNLOAD_DIR` count). */
export async function memoryServerCache(): Promise<MongodBinary | NotFound> {
  const { DryMongoBinary } = await import('mongodb-memory-server')
  const { version } = DryMongoBinary.getEnsuredOptions()
  const file = await DryMongoBinary.locateBinary({ version }).catch(() => undefined)
  return file === undefined ? { notFound: `it has no ${version}` } : tryMongod(file)
}

/**
 * Lets mongodb-memory-server download its mongod. In a process of its own, because it prints its progress, and its
 * failure with a stack, and offers no way to ask it not to.
 */
export async function memoryServerDownload(): Promise<MongodBinary | NotFound> {
  const entry = createRequire(import.meta.url).resolve('mongodb-memory-server')
  const program = `require(process.argv[1]).MongoBinary.getPath().catch((error) => { console.error(error.message.replace(/\\s+/g, ' ')); process.exit(1) })`
  // Without this variable it takes any certificate, for a program that is then run.
  const env = { npm_config_strict_ssl: 'true', ...process.env }
  try {
    await promisify(execFile)(process.execPath, ['-e', program, entry], { env, maxBuffer: 2 ** 26 })
  } catch (error) {
    return { notFound: reasonOf(error) }
  }
  return memoryServerCache()
}
