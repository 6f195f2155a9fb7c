import type { Stream } from '@boletia/streams-core'
import { leastRoles } from '@boletia/streams-core/admin'
import { type ReplicaSet, testDatabase } from '@boletia/streams-core/testing'

export interface OwnDatabase {
  readonly name: string
  /** For the processes under test: their user may do what `doctor --role` prints for their streams, and nothing else. */
  readonly uri: string
  /** The same database for whoever sets up and checks. */
  readonly rootUri: string
}

/**
 * An empty database that no other trial of this server has. It goes with the server: killed workers leave cursors open.
 * @param streams none: for the plain loop of a driver, which may do there what any stream may
 */
export async function ownDatabase(set: Pick<ReplicaSet, 'uri' | 'uriFor'>, streams: readonly Stream[]): Promise<OwnDatabase> {
  const { client, admin, name, uri } = await testDatabase(set.uri)
  if (streams.length > 0) {
    const [least] = leastRoles({ client, streams })
    await admin.client.db('admin').command({ updateRole: name, privileges: least!.privileges })
  }
  await Promise.all([client.close(), admin.client.close()])
  return { name, uri, rootUri: set.uriFor(name) }
}
