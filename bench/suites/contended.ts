import { setTimeout as delay } from 'node:timers/promises'
import { backlog } from '../harness/backlog.js'
import { startNode } from '../harness/child.js'
import { measured } from '../harness/measured.js'
import type { Contender, Ground, Suite } from '../harness/suite.js'
import { contended as documents } from '../contenders/writes.js'

/** Exactly-once increments of 2,000 documents, while others write 200 of them with majority all the time. */
export const contended: Suite = {
  name: 'contended',
  full: { changes: 40_000, oneByOne: 1000, writesPerSecond: 1000, aloneMs: 2500, boundMs: 20_000 },
  quick: { changes: 2000, oneByOne: 100, writesPerSecond: 1000, aloneMs: 1500, boundMs: 20_000 },
  atMost: 3,
  contenders: ({ changes = 0, oneByOne = 0 }) => [
    beside('ours, exactly once', 'ours', { mode: 'count_in_target' }, changes),
    beside('ours, guarded bulk', 'ours', { mode: 'count_in_target_bulk' }, changes),
    beside('the original', 'original', { mode: 'count_in_target', w: 'majority' }, oneByOne),
    { name: 'the writers alone', run: alone },
  ],
}

async function prepared({ client, set, sizes }: Ground, database: string, count: number) {
  const target = client.db(database).collection<{ _id: number }>('target')
  await target.insertMany(Array.from({ length: documents.targets }, (_, _id) => ({ _id, counted: 0, others: 0 })))
  const begin = await backlog(client, database, count)
  const order = { uri: set.uri, database, ...begin }
  const rate = sizes.writesPerSecond
  const writer = startNode('writer', { ...order, mode: 'hot', rate, count: 1e9, measure: 'throughput' })
  await writer.heard('ready')
  return { order, target, writer }
}

function beside(name: string, program: string, fields: object, count: number): Contender {
  return {
    name,
    async run(ground) {
      const { order, target, writer: started } = await prepared(ground, ground.database(), count)
      await using writer = started
      writer.tell('go')
      await delay(documents.warmMs)
      await using child = startNode(program, { ...order, count, measure: 'throughput', ...fields })
      const figures = await measured(child, ground.set.nodes[0]!.pid!, ground.sizes.boundMs)
      writer.tell('stop')
      const { p99Ms, failed, perSecond } = await writer.heard('written')
      const [sum] = await target.aggregate([{ $group: { _id: null, counted: { $sum: '$counted' } } }]).toArray()
      // One that stood still has no figure, and need not have all.
      if (figures.perSecond !== null && sum?.counted !== count)
        throw new Error(`${name}: counted ${sum?.counted} of ${count} changes`)
      return { ...figures, writersP99Ms: p99Ms as number, writersFailed: failed as number, writersPerSecond: perSecond as number }
    },
  }
}

async function alone(ground: Ground) {
  const { writer: started } = await prepared(ground, ground.database(), 1)
  await using writer = started
  writer.tell('go')
  await delay(ground.sizes.aloneMs)
  writer.tell('stop')
  const { p99Ms, failed, perSecond } = await writer.heard('written')
  return {
    perSecond: null,
    writersP99Ms: p99Ms as number,
    writersFailed: failed as number,
    writersPerSecond: perSecond as number,
  }
}
