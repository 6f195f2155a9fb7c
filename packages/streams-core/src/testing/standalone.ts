import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { databaseUri } from './databaseUri.js'
import { findMongod } from './mongodBinary.js'
import { type MongodOptions, mongodArgs } from './mongodArgs.js'
import { type MongodNode, mongodNode } from './mongodNode.js'

/** A mongod that is no replica set, to see what happens there: it has no change streams. */
export interface Standalone extends AsyncDisposable {
  /** Connection string without a database. */
  readonly uri: string
  readonly node: MongodNode
  uriFor(database: string): string
  stop(): Promise<void>
}

export async function startStandalone(options: MongodOptions = {}): Promise<Standalone> {
  const { MongoMemoryServer } = await import('mongodb-memory-server')
  const binary = await findMongod()
  const dbPath = await mkdtemp(path.join(tmpdir(), 'boletia-mongod-'))
  const server = new MongoMemoryServer({
    binary: { systemBinary: binary.path, version: binary.version },
    instance: { dbPath, storageEngine: 'wiredTiger', args: mongodArgs(options) },
  })
  try {
    await server.start()
  } catch (error) {
    await rm(dbPath, { recursive: true, force: true })
    throw error
  }
  const node = mongodNode(server)
  const uri = server.getUri()
  async function stop(): Promise<void> {
    await node.kill('SIGKILL')
    await server.stop({ doCleanup: false })
    await rm(dbPath, { recursive: true, force: true })
  }
  return { uri, node, uriFor: (database) => databaseUri(uri, database), stop, [Symbol.asyncDispose]: stop }
}
