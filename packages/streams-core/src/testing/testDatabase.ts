import { randomBytes } from 'node:crypto'
import { type Db, MongoClient } from 'mongodb'
import { databaseUri } from './databaseUri.js'
import { openCursors } from './openCursors.js'

/** A fresh database of one test. Disposing drops it and closes the client; it throws when a cursor was left open there. */
export interface TestDatabase extends AsyncDisposable {
  readonly client: MongoClient
  readonly db: Db
  /** `boletia_test_<16 hex>` */
  readonly name: string
  /** The connection string with this database as its default one, for a process or a second client. */
  readonly uri: string
}

/**
 * Connects to `uri` (its own database, if any, is not touched) and makes a name that nobody else uses.
 * Use it as `await using database = await testDatabase(inject('mongoUri'))`.
 */
export async function testDatabase(uri: string): Promise<TestDatabase> {
  const name = `boletia_test_${randomBytes(8).toString('hex')}`
  const own = databaseUri(uri, name)
  const client = new MongoClient(own)
  await client.connect()
  const db = client.db(name)
  return {
    client,
    db,
    name,
    uri: own,
    async [Symbol.asyncDispose]() {
      try {
        const cursors = await openCursors(client, name)
        await db.dropDatabase()
        if (cursors.length > 0) throw new Error(`The test left a cursor open: ${cursors.join(', ')}.`)
      } finally {
        await client.close()
      }
    },
  }
}
