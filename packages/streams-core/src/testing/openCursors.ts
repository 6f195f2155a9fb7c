import { setTimeout as delay } from 'node:timers/promises'
import type { MongoClient } from 'mongodb'

/**
 * Namespaces of this database on which a cursor is still open after a second: somebody reads what no test waits for.
 * Closing a change stream that was abandoned takes a moment, hence the second.
 */
export async function openCursors(client: MongoClient, database: string): Promise<string[]> {
  const deadline = performance.now() + 1000
  for (;;) {
    const open = await cursorsNow(client, database)
    if (open.length === 0 || performance.now() > deadline) return open
    await delay(20)
  }
}

async function cursorsNow(client: MongoClient, database: string): Promise<string[]> {
  const operations = client
    .db('admin')
    .aggregate<{ ns: string }>([
      { $currentOp: { idleCursors: true, allUsers: true } },
      { $match: { $or: [{ type: 'idleCursor' }, { op: 'getmore' }], ns: { $regex: `^${database}\\.` } } },
      { $project: { ns: 1 } },
    ])
  return (await operations.toArray()).map(({ ns }) => ns)
}
