import { type DataFolder, dataFolder } from './dataFolder.js'
import { databaseUri } from './databaseUri.js'
import { type FindOptions, findMongod } from './mongod/findMongod.js'
import type { MongodBinary } from './mongod/mongodBinary.js'
import { type MongodOptions, mongodArgs } from './mongodArgs.js'
import { type MongodNode, mongodNode } from './mongodNode.js'
import { startOnFreePort } from './startOnFreePort.js'

/** A mongod that is no replica set, to see what happens there: it has no change streams. */
export interface Standalone extends AsyncDisposable {
  /** Connection string without a database. */
  readonly uri: string
  readonly node: MongodNode
  /** The same with a database. */
  uriFor(database: string): string
  stop(): Promise<void>
}

/** Starts one; gone after `stop` or `await using`, with its files. Throws like `startReplicaSet`. */
export async function startStandalone(options: MongodOptions & FindOptions = {}): Promise<Standalone> {
  const binary = await findMongod(options)
  const args = await mongodArgs(binary, options)
  const folder = await dataFolder('boletia-mongod-')
  try {
    const server = await startOnFreePort(() => start(args, binary, folder))
    const node: MongodNode = mongodNode(server, guard)
    guard()
    function guard(): void {
      folder.guard(node.pid === undefined ? [] : [node.pid])
    }
    let stopped: Promise<void> | undefined
    const stop = () =>
      (stopped ??= (async () => {
        await node.kill('SIGKILL')
        await server.stop({ doCleanup: false })
        await folder.remove()
      })())
    const uri = server.getUri()
    return { uri, node, uriFor: (database) => databaseUri(uri, database), stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function start(args: string[], binary: MongodBinary, folder: DataFolder) {
  const { MongoMemoryServer } = await import('mongodb-memory-server')
  return MongoMemoryServer.create({
    binary: { systemBinary: binary.path, version: binary.version },
    instance: { dbPath: folder.path, storageEngine: 'wiredTiger', args },
  })
}
