import type { Document } from 'mongodb'

/**
 * How changes can be read from a server that says this of itself. Our own commands are not pinned to a server: right on the primary of a replica set, wrong behind mongos, of which there may be several.
 * A client that decrypts does so in the driver's cursors.
 */
export function possibleReader(hello: Document, decrypts: boolean): 'own' | 'driver' {
  const primary = hello['setName'] !== undefined && hello['isWritablePrimary'] === true && hello['msg'] !== 'isdbgrid'
  return primary && !decrypts ? 'own' : 'driver'
}
