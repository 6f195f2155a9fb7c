import { setTimeout as delay } from 'node:timers/promises'
import type { MongoClient } from 'mongodb'

// About a second, and longer on a busy machine, where closing a cursor takes longer too.
const looks = 50

/**
 * Namespaces of this database on which a cursor is still open after a second: somebody reads what no test waits for.
 * Closing a change stream that was abandoned takes a moment, hence the second.
 */
export async function openCursors(client: MongoClient, database: string): Promise<string[]> {
  for (let looked = 1; ; looked += 1) {
    const open = await cursorsNow(client, database)
    if (open.length === 0 || looked === looks) return open
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
