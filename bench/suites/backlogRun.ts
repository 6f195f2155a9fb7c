import type { Child } from '../harness/child.js'
import { startNode } from '../harness/child.js'
import { backlog } from '../harness/backlog.js'
import { measured } from '../harness/measured.js'
import { peers } from '../harness/peers.js'
import type { Contender, Ground } from '../harness/suite.js'

type Starting = (ground: Ground, order: object) => Child

export const node =
  (program: string, fields: object = {}): Starting =>
  (_, order) =>
    startNode(program, { ...order, ...fields })

export const peer =
  (name: keyof typeof peers, fields: object = {}): Starting =>
  (ground, order) =>
    peers[name].start(ground, { ...order, ...fields })

/** A contender that works through a backlog of its own, freshly written; `upserts`: it leaves a document for each change in `target`. */
export function onBacklog(name: string, starting: Starting, count: number, { upserts = false } = {}): Contender {
  return {
    name,
    async run(ground) {
      const { client, set } = ground
      const database = ground.database()
      const begin = await backlog(client, database, count)
      if (upserts) await client.db(database).createCollection('target', { writeConcern: { w: 'majority' } })
      const order = { uri: set.uri, database, ...begin, count, measure: 'throughput' }
      try {
        await using child = starting(ground, order)
        const figures = await measured(child, set.nodes[0]!.pid!)
        if (upserts) {
          const there = await client.db(database).collection('target').countDocuments()
          if (there !== count) throw new Error(`${name}: ${there} of ${count} changes have left their document`)
        }
        return figures
      } finally {
        // The next contender must not pay for writing this one's pages to disk.
        await client.db(database).dropDatabase()
      }
    },
  }
}
