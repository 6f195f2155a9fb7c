import { type Stream, defineStream, runStream } from '@boletia/streams-core'
import { testDatabase, twice } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { type Order, points } from '../src/points.js'

/** The points of a customer with ten orders of 10, one of them cancelled, when each change comes twice. */
async function pointsOf(stream: Stream<Order>): Promise<number> {
  await using database = await testDatabase(inject('mongoUri'))
  const { client, db } = database
  const customers = db.collection<{ _id: string; points: number }>('customers')
  await customers.insertOne({ _id: 'ana', points: 0 })
  await using run = runStream(twice(stream), { client })
  await run.whenCaughtUp()
  const orders = db.collection<Order>('orders')
  const placed = Array.from({ length: 10 }, (_, i) => ({ _id: `o${i}`, customer: 'ana', total: 10, state: 'placed' as const }))
  await orders.insertMany(placed)
  await orders.updateOne({ _id: 'o0' }, { $set: { state: 'cancelled' } })
  await run.whenCaughtUp()
  return (await customers.findOne())!.points
}

test('delivered twice, each order counts once: the guard holds on a real server', async () => {
  expect(await pointsOf(points)).toBe(90)
})

test('the naive version, without a guard, counts each twice', async () => {
  const naive = defineStream<Order>({
    name: 'naive',
    watch: { collection: 'orders' },
    targets: { customers: { collection: 'customers' } },
    project: (change) => {
      const sign = change.operationType === 'insert' ? 1 : -1
      const { customer, total } = change.fullDocument as Order
      return [{ target: 'customers', updateOne: { filter: { _id: customer }, update: { $inc: { points: sign * total } } } }]
    },
  })
  expect(await pointsOf(naive)).toBe(180)
})
