import type { MongoClient } from 'mongodb'
import type { Contender, Suite } from '../harness/suite.js'
import { backlog } from '../harness/backlog.js'
import { startNode } from '../harness/child.js'
import { measured, round } from '../harness/measured.js'
import { NotRun } from '../harness/types.js'

/** 1, 4, 16 and 64 streams of one process on one collection, which all count. */
export const streams: Suite = {
  name: 'streams',
  full: { own1: 60_000, own4: 30_000, own16: 10_000, own64: 3000, shared: 60_000 },
  quick: { own1: 2000, own4: 1000, own16: 500, own64: 200, shared: 500 },
  atMost: 3,
  contenders: ({ own1 = 0, own4 = 0, own16 = 0, own64 = 0, shared = 0 }) => [
    together(1, 'own', own1),
    together(4, 'own', own4),
    together(16, 'own', own16),
    together(64, 'own', own64),
    ...[4, 16, 64].map((number) => together(number, 'shared', shared)),
  ],
}

function together(number: number, reader: 'own' | 'shared', changes: number): Contender {
  return {
    name: number === 1 ? '1 stream' : `${number} streams, ${reader === 'own' ? 'own cursors' : 'one shared cursor'}`,
    async run({ client, set, database: fresh }) {
      const database = fresh()
      const begin = await backlog(client, database, changes)
      await using child = startNode('ours', {
        uri: set.uri,
        database,
        ...begin,
        measure: 'throughput',
        mode: 'count',
        count: number * changes,
        streams: number,
        reader,
      })
      const figures = measured(child, set.nodes[0]!.pid!)
      figures.catch(() => undefined)
      let opened = 0
      await Promise.race([
        new Promise<void>((resolve) => child.on('opened', () => (opened += 1) === number && resolve())),
        figures,
      ])
      // What a name says is not enough: the server tells how many cursors there are.
      const cursors = await cursorsOn(client, `${database}.source`)
      if (reader === 'own' ? cursors < number : cursors > number / 2)
        throw new NotRun(`${number} streams of this version have ${cursors} cursors when asked for ${reader} ones`)
      const { perSecond, serverMicrosEach, rssMb } = await figures
      return {
        deliveriesPerSecond: perSecond!,
        changesPerSecond: Math.round(perSecond! / number),
        // For each change written, however often it is delivered.
        serverMicrosEach: round(serverMicrosEach! * number),
        rssMb: rssMb!,
      }
    },
  }
}

async function cursorsOn(client: MongoClient, namespace: string): Promise<number> {
  const found = await client
    .db('admin')
    .aggregate([
      { $currentOp: { idleCursors: true, localOps: true } },
      { $match: { ns: namespace, 'cursor.cursorId': { $exists: true } } },
      { $group: { _id: '$cursor.cursorId' } },
    ])
    .toArray()
  return found.length
}
