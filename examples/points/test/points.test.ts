import { changeBuilder, failing, inMemory, runInMemory, withoutDocuments } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { type Order, points } from '../src/points.js'

const order: Order = { _id: 'o1', customer: 'ana', total: 19.9, state: 'placed' }
const incs = (written: readonly object[]) =>
  written.map((write) => (write as { updateOne: { update: { $inc: { points: number } } } }).updateOne.update.$inc.points)

test('an order gives a point for each whole unit, its cancellation takes them back, another update does nothing', async () => {
  const change = changeBuilder<Order>({ collection: 'orders' })
  const { written } = await runInMemory(points, [
    change.insert(order),
    change.update(order, { total: 25 }),
    change.update(order, { state: 'cancelled' }),
  ])
  expect(incs(written)).toEqual([19, -19])
})

test('a cancelled order that is gone stops the stream: whose it was, and who must wait for it, nobody knows', async () => {
  const change = changeBuilder<Order>()
  const memory = inMemory(withoutDocuments(points))
  memory.add(change.update(order, { state: 'cancelled' }), change.insert({ ...order, _id: 'o2', customer: 'luis' }))
  await expect(memory.run()).rejects.toMatchObject({ code: 'PARK_FAILED' })
})

test('a crash at any moment of a commit gives each point once', async () => {
  for (const point of ['handler.done', 'transaction.checkpointWritten', 'transaction.committed'] as const) {
    const change = changeBuilder<Order>()
    const memory = inMemory(points)
    memory.add(change.insert(order), change.insert({ ...order, _id: 'o2', customer: 'luis' }))
    await memory.crashAt(point)
    await memory.run()
    expect(incs(memory.written)).toEqual([19, 19])
  }
})

test('what failed is parked with the later orders of that customer, and put back in their order', async () => {
  const change = changeBuilder<Order>()
  let broken = true
  const memory = inMemory(
    failing(points, ({ documentKey }) => (broken && documentKey?._id === 'o1' ? new Error('broken') : null)),
  )
  memory.add(
    change.insert(order),
    change.insert({ ...order, _id: 'o2', customer: 'luis', total: 5 }),
    change.update(order, { state: 'cancelled' }),
  )
  await memory.run()
  expect(memory.parked.map(({ state, documentId }) => [state, documentId])).toEqual([
    ['parked', 'o1'],
    ['held', 'o1'],
  ])
  broken = false
  await memory.redrive()
  expect(incs(memory.written)).toEqual([5, 19, -19])
})
