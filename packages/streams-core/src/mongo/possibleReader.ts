import type { Document, MongoClient } from 'mongodb'

/** How this client's changes can be read; asks the primary. */
export async function possibleReader(client: MongoClient): Promise<'own' | 'driver'> {
  const hello = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
  return readerFor(hello, client.options.autoEncryption !== undefined)
}

/**
 * Our own commands are not pinned to a server: right on the primary of a replica set, wrong behind mongos, of which there may be several.
 * A client that decrypts does so in the driver's cursors.
 */
export function readerFor(hello: Document, decrypts: boolean): 'own' | 'driver' {
  const primary = hello['setName'] !== undefined && hello['isWritablePrimary'] === true && hello['msg'] !== 'isdbgrid'
  return primary && !decrypts ? 'own' : 'driver'
}
