import { type Db, MongoServerError } from 'mongodb'

const namespaceExists = 48

/** Creates a collection unless it is there: within a transaction its creation would conflict. */
export async function ensureCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name)
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === namespaceExists)) throw error
  }
}
