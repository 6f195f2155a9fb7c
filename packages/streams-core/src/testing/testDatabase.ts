import { randomBytes } from 'node:crypto'
import { type Db, MongoClient } from 'mongodb'
import { databaseUri } from './databaseUri.js'
import { type LeastUser, createLeastUser, dropLeastUser, widenLeastUser } from './leastUser.js'
import { openCursors } from './openCursors.js'

/** A fresh database of one test. Disposing drops it and closes the client; it throws when a cursor was left open there. */
export interface TestDatabase extends AsyncDisposable {
  /** Where the server knows logins and the given URI's user may create some: a user with the least privileges of a worker, here only. */
  readonly client: MongoClient
  readonly db: Db
  /** The same database for whoever the given URI logs in: for what a worker may not do, such as dropping a collection. */
  readonly admin: Db
  /** `boletia_test_<16 hex>` */
  readonly name: string
  /** The connection string of `client`, with this database as its default one, for a process or a second client. */
  readonly uri: string
  /** Lets the user of `client` do the same in another database; `*`: in all of them. */
  widen(database: string): Promise<void>
}

/**
 * Connects to `uri` (its own database, if any, is not touched) and makes a name that nobody else uses.
 * Use it as `await using database = await testDatabase(inject('mongoUri'))`.
 */
export async function testDatabase(uri: string): Promise<TestDatabase> {
  const name = `boletia_test_${randomBytes(8).toString('hex')}`
  const given = databaseUri(uri, name)
  const owner = new MongoClient(given)
  await owner.connect()
  const least = await createLeastUser(owner, name)
  const own = least === null ? given : least.uriOf(given)
  const client = least === null ? owner : await new MongoClient(own).connect()
  return {
    client,
    db: client.db(name),
    admin: owner.db(name),
    name,
    uri: own,
    async widen(database) {
      if (least !== null) await widenLeastUser(owner, name, database)
    },
    [Symbol.asyncDispose]: () => dispose(owner, client, name, least),
  }
}

async function dispose(owner: MongoClient, client: MongoClient, name: string, least: LeastUser | null): Promise<void> {
  try {
    const cursors = await openCursors(owner, name)
    await owner.db(name).dropDatabase()
    if (least !== null) await dropLeastUser(owner, name)
    if (cursors.length > 0) throw new Error(`The test left a cursor open: ${cursors.join(', ')}.`)
  } finally {
    await Promise.all([client.close(), owner.close()])
  }
}
