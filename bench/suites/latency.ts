import { anchor } from '../harness/backlog.js'
import { startNode } from '../harness/child.js'
import type { Contender, Suite } from '../harness/suite.js'

/** From sending a majority write to its change being handled, live. */
export const latency: Suite = {
  name: 'latency',
  full: { seconds: 3, slow: 1000, fast: 5000 },
  quick: { seconds: 1, slow: 200, fast: 1000 },
  contenders: ({ seconds = 0, slow = 0, fast = 0 }) =>
    [slow, fast].flatMap((rate) => [
      live('bare prefetch reader', 'prefetch', {}, rate, seconds),
      live('ours, counts only', 'ours', { mode: 'count' }, rate, seconds),
      live('ours, lanes', 'ours', { mode: 'upsert', w: 1 }, rate, seconds),
      live('ours, exactly once', 'ours', { mode: 'project' }, rate, seconds),
    ]),
}

function live(name: string, program: string, fields: object, rate: number, seconds: number): Contender {
  return {
    name: `${name} at ${rate}/s`,
    async run(ground) {
      const database = ground.database()
      const begin = await anchor(ground.client, database)
      await ground.client.db(database).createCollection('target', { writeConcern: { w: 'majority' } })
      const order = { uri: ground.set.uri, database, ...begin, count: rate * seconds, measure: 'latency' }
      await using reader = startNode(program, { ...order, ...fields })
      await using writer = startNode('writer', { ...order, rate, mode: 'insert' })
      await Promise.all([reader.heard('opened'), writer.heard('ready')])
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
