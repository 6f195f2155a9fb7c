import { backlog, ticket } from '../harness/backlog.js'
import { startNode } from '../harness/child.js'
import type { Contender, Suite } from '../harness/suite.js'

/** From sending a majority write to its change being handled, live; the reader has worked off a backlog before. */
export const latency: Suite = {
  name: 'latency',
  full: { warm: 5000, seconds: 5, slow: 1000, fast: 5000 },
  quick: { warm: 500, seconds: 1, slow: 200, fast: 1000 },
  contenders: ({ warm = 0, seconds = 0, slow = 0, fast = 0 }) =>
    [slow, fast].flatMap((rate) => [
      live('bare prefetch reader', 'prefetch', {}, rate, seconds, warm),
      live('ours, counts only', 'ours', { mode: 'count' }, rate, seconds, warm),
      live('ours, lanes', 'ours', { mode: 'upsert', w: 1 }, rate, seconds, warm),
      live('ours, exactly once', 'ours', { mode: 'project' }, rate, seconds, warm),
    ]),
}

function live(name: string, program: string, fields: object, rate: number, seconds: number, warm: number): Contender {
  return {
    name: `${name} at ${rate}/s`,
    async run(ground) {
      const database = ground.database()
      // Below the ids of what is measured.
      const begin = await backlog(ground.client, database, warm, (id) => ({ ...ticket(id), _id: -1 - id }))
      await ground.client.db(database).createCollection('target', { writeConcern: { w: 'majority' } })
      const order = { uri: ground.set.uri, database, ...begin, warm, count: rate * seconds, measure: 'latency' }
      await using reader = startNode(program, { ...order, ...fields })
      await using writer = startNode('writer', { ...order, rate, mode: 'insert' })
      await Promise.all([reader.heard('warm'), writer.heard('ready')])
      writer.tell('go')
      const { perSecond } = await writer.heard('written')
      // One that cannot keep up is saturated: it has no latency, only a queue.
      const late = await reader.heard('done', (seconds * 2 + 5) * 1000).catch(() => null)
      return {
        p50Ms: (late?.p50Ms as number | undefined) ?? null,
        p99Ms: (late?.p99Ms as number | undefined) ?? null,
        maxMs: (late?.maxMs as number | undefined) ?? null,
        writtenPerSecond: perSecond as number,
      }
    },
  }
}
