import { StreamError } from '@boletia/streams-core'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import { isUnauthorised, unauthorised, unreachable } from './awayOrRefused.js'

/**
 * Connects, and makes sure that it is a replica set (or mongos): without one the streams never see what a service writes.
 * @param timeoutMs milliseconds that each wait may take (for a server, a connection, an answer) unless the URI has its own; the
 *   driver tries an operation twice.
 * @throws {StreamError} INVALID_OPTIONS, UNREACHABLE, UNAUTHORISED or NOT_A_REPLICA_SET; no message holds the URI's credentials.
 */
export async function connect(uri: string, appName: string, timeoutMs: number): Promise<MongoClient> {
  const client = open(uri, appName, timeoutMs)
  try {
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
      throw new StreamError(
        'NOT_A_REPLICA_SET',
        `the MongoDB at ${hostsOf(client)} is not a replica set: start mongod with --replSet rs0, run rs.initiate() in mongosh, then start again`,
      )
    }
    return client
  } catch (error) {
    await client.close()
    if (error instanceof StreamError) throw error
    throw isUnauthorised(error) ? unauthorised(hostsOf(client), error) : unreachable(hostsOf(client), error)
  }
}

/** Where a client points, for messages: hosts and ports, never the user. */
export function hostsOf({ options }: MongoClient): string {
  return options.srvHost ?? options.hosts.join(',')
}

function open(uri: string, appName: string, timeoutMs: number): MongoClient {
  try {
    return new MongoClient(uri, { appName, ...timeouts(uri, timeoutMs) })
  } catch {
    // The driver's own message can quote the whole string, and with it a password; so it is no cause either.
    throw new StreamError(
      'INVALID_OPTIONS',
      'MONGODB_URI is not a connection string: it looks like mongodb://127.0.0.1:27017/boletia?replicaSet=rs0',
    )
  }
}

function timeouts(uri: string, timeoutMs: number): MongoClientOptions {
  const defaults = {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    // Without it a frozen server (not a dead one) holds every request until a heartbeat gives it up, more than ten seconds later.
    socketTimeoutMS: timeoutMs,
  }
  // The driver lets its arguments win over the URI; here an operator's own value does.
  const given = new URLSearchParams(uri.slice(uri.indexOf('?') + 1).toLowerCase())
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase())))
}
