import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type DataFolder, dataFolder } from './dataFolder.js'
import { databaseUri } from './databaseUri.js'
import { type FindOptions, findMongod } from './mongod/findMongod.js'
import type { MongodBinary } from './mongod/mongodBinary.js'
import { type MongodOptions, mongodArgs } from './mongodArgs.js'
import { type MongodNode, mongodNode } from './mongodNode.js'
import { startOnFreePort } from './startOnFreePort.js'
import { StreamError } from '../streamError.js'
import { type FirstUser, asUser, firstUser, moveKeyFile } from './logins.js'
import { whenMembersReady } from './whenMembersReady.js'

export interface ReplicaSetOptions extends MongodOptions, FindOptions {
  /** Number of nodes, default 1. */
  readonly nodes?: number
  /** How long a primary may be silent before the others elect a new one, default 1000: a failover takes one to two seconds. */
  readonly electionTimeoutMs?: number
  /** How often the nodes ask each other, default 200. */
  readonly heartbeatIntervalMs?: number
  /** When an unanswered heartbeat counts as failed, default 1000, in steps of a second. */
  readonly heartbeatTimeoutMs?: number
  /** Everybody must log in; `uri` is that of a user who may do everything. Default false. */
  readonly auth?: boolean
}

/** A replica set of one's own. After `stop` or `await using` it is gone, with its files; also when its owner is killed. */
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

/**
 * Starts the nodes, initiates the set and waits until there is a primary and every other node follows it.
 * Throws NO_MONGOD when this machine has no mongod and cannot get one, INVALID_OPTIONS when mongod refuses its arguments.
 */
export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const count = options.nodes ?? 1
  if (!Number.isInteger(count) || count < 1 || count > 7) {
    throw new StreamError('INVALID_OPTIONS', `nodes must be 1 to 7, the members of a set that can vote; it is ${count}.`)
  }
  const binary = await findMongod(options)
  const args = await mongodArgs(binary, options)
  const folder = await dataFolder('boletia-mongod-')
  const root = options.auth === true ? firstUser() : null
  try {
    const set = await startOnFreePort(() => start(options, root, args, count, binary, folder))
    if (root !== null) await moveKeyFile(set.servers, folder.path)
    const nodes: MongodNode[] = set.servers.map((server) => mongodNode(server, guard))
    guard()
    function guard(): void {
      folder.guard(nodes.flatMap(({ pid }) => pid ?? []))
    }
    let stopped: Promise<void> | undefined
    const stop = () =>
      (stopped ??= (async () => {
        // Killed, not shut down: the data goes anyway, and a shutdown takes a second for each node.
        await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
        await set.stop({ doCleanup: false })
        await folder.remove()
      })())
    const uri = root === null ? set.getUri() : asUser(set.getUri(), root.name, root.password)
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
    await folder.remove()
    throw error
  }
}

async function start(
  options: ReplicaSetOptions,
  root: FirstUser | null,
  args: string[],
  count: number,
  binary: MongodBinary,
  folder: DataFolder,
) {
  const { MongoMemoryReplSet } = await import('mongodb-memory-server')
  const dbPaths = Array.from({ length: count }, (_, index) => path.join(folder.path, String(index)))
  await Promise.all(dbPaths.map((dbPath) => mkdir(dbPath, { recursive: true })))
  return await MongoMemoryReplSet.create({
    binary: { systemBinary: binary.path, version: binary.version },
    instanceOpts: dbPaths.map((dbPath) => ({ dbPath })),
    replSet: {
      count,
      // Named: for old servers the package would take an engine that knows no transactions.
      storageEngine: 'wiredTiger',
      args,
      ...(root !== null && { auth: root.login }),
      configSettings: {
        electionTimeoutMillis: options.electionTimeoutMs ?? 1000,
        heartbeatIntervalMillis: options.heartbeatIntervalMs ?? 200,
        heartbeatTimeoutSecs: Math.ceil((options.heartbeatTimeoutMs ?? 1000) / 1000),
      },
    },
  })
}
