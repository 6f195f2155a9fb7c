import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { databaseUri } from './databaseUri.js'
import { findMongod } from './mongodBinary.js'
import { type MongodOptions, mongodArgs } from './mongodArgs.js'
import { type MongodNode, mongodNode } from './mongodNode.js'
import { whenMembersReady } from './whenMembersReady.js'

export interface ReplicaSetOptions extends MongodOptions {
  /** Number of nodes, default 1. */
  readonly nodes?: number
  /** How long a primary may be silent before the others elect a new one, default 1000: a failover takes about a second. */
  readonly electionTimeoutMs?: number
  /** How often the nodes ask each other, default 200. */
  readonly heartbeatIntervalMs?: number
  /** When an unanswered heartbeat counts as failed, default 1000, in steps of a second. */
  readonly heartbeatTimeoutMs?: number
}

/** A replica set of one's own: only its owner uses it, and it is gone, with its files, after `stop` or `await using`. */
export interface ReplicaSet extends AsyncDisposable {
  /** Connection string of all nodes, without a database. */
  readonly uri: string
  readonly nodes: readonly MongodNode[]
  /** The same with a database. */
  uriFor(database: string): string
  /** The node that is primary now, if there is one. */
  primary(): MongodNode | undefined
  stop(): Promise<void>
}

/** Starts the nodes, initiates the set and waits until there is a primary and every other node follows it. */
export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const { MongoMemoryReplSet } = await import('mongodb-memory-server')
  const binary = await findMongod()
  const folder = await mkdtemp(path.join(tmpdir(), 'boletia-mongod-'))
  const count = options.nodes ?? 1
  const dbPaths = Array.from({ length: count }, (_, index) => path.join(folder, String(index)))
  await Promise.all(dbPaths.map((dbPath) => mkdir(dbPath)))
  const set = new MongoMemoryReplSet({
    binary: { systemBinary: binary.path, version: binary.version },
    instanceOpts: dbPaths.map((dbPath) => ({ dbPath })),
    replSet: {
      count,
      // Named: for old servers the package would take an engine that knows no transactions.
      storageEngine: 'wiredTiger',
      args: mongodArgs(options),
      configSettings: {
        electionTimeoutMillis: options.electionTimeoutMs ?? 1000,
        heartbeatIntervalMillis: options.heartbeatIntervalMs ?? 200,
        heartbeatTimeoutSecs: Math.ceil((options.heartbeatTimeoutMs ?? 1000) / 1000),
      },
    },
  })
  let nodes: MongodNode[] = []
  async function stop(): Promise<void> {
    // Killed, not shut down: the data goes anyway, and a shutdown takes a second for each node.
    await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
    await set.stop({ doCleanup: false })
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await set.start()
    nodes = set.servers.map(mongodNode)
    const uri = set.getUri()
    if (count > 1) await whenMembersReady(uri, count)
    return {
      uri,
      nodes,
      uriFor: (database) => databaseUri(uri, database),
      primary: () => nodes.find((node) => node.isPrimary),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
