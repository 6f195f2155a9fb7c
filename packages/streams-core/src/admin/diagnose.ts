import type { MongoClient } from 'mongodb'
import { fingerprint } from '../mongo/fingerprint.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { watchedNamespace } from '../mongo/watchedNamespace.js'
import type { Diagnosis } from './doctor/finding.js'
import { diagnoseLetters } from './doctor/letters.js'
import { diagnosePrivileges } from './doctor/privileges.js'
import { type Privilege, askingPrivileges, leastPrivileges } from './doctor/role.js'
import { diagnoseServer } from './doctor/server.js'
import { diagnoseStream } from './doctor/streams.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import type { AdminOptions } from './types.js'

/**
 * What is wrong around the streams, and how it is mended. Writes nothing. `clock` gives this machine's time in milliseconds.
 * @throws {StreamError} NOT_A_REPLICA_SET, UNREACHABLE: without a server there is nothing to look at
 */
export async function diagnose(
  options: AdminOptions,
  { clock = Date.now }: { readonly clock?: () => number } = {},
): Promise<readonly Diagnosis[]> {
  return await orFault('the environment', async () => {
    const all = registry(options)
    const found: Diagnosis[] = []
    for (const client of clientsOf(options)) {
      await requireReplicaSet(client)
      found.push(...(await diagnoseServer(client, clock)), ...(await diagnosePrivileges(client, options.streams, all.places)))
    }
    found.push(...(await diagnoseLetters(all.places)))
    for (const stream of options.streams) {
      const mark = fingerprint(stream, watchedNamespace(stream, all.places))
      const twins = options.streams.filter((other) => fingerprint(other, watchedNamespace(other, all.places)) === mark).length
      found.push(...(await diagnoseStream(all, stream, twins)))
    }
    return found
  })
}

/** What a user needs on the cluster that these connections reach. */
export interface ConnectionRole {
  /** Their names; the state's may be among them, or alone. */
  readonly connections: readonly string[]
  readonly privileges: readonly Privilege[]
}

/** The least privileges of a worker and an operator, for each client: its user needs them there. Connections that nothing uses are left out. */
export function leastRoles(options: AdminOptions): readonly ConnectionRole[] {
  const { places } = registry(options)
  const { streams, client, connections } = options
  const named = Object.entries({ ...(client && { default: client }), ...connections })
  return [...clientsOf(options)].flatMap((one) => {
    const needed = leastPrivileges(streams, places, one)
    if (needed.length === 0) return []
    const names = named.filter(([, other]) => other === one).map(([name]) => name)
    return [{ connections: names, privileges: [...needed, ...askingPrivileges(streams, places, one)] }]
  })
}

function clientsOf({ client, connections }: AdminOptions): ReadonlySet<MongoClient> {
  return new Set([...(client ? [client] : []), ...Object.values(connections ?? {})])
}
