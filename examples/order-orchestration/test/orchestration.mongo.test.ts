import { type Example, trial, untilOver } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'
import type { Order } from '../src/saga.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test(
  'killed three times while orders come in: every saga comes to its end, and a refusal has undone what was done before it',
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
  },
)

test('the checker notices: a charge in a write of its own is charged twice', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  // Nobody finds a charge of its stream to refund it; and each order is one that everybody agrees to.
  const { enough: _enough, ...rest } = example
  const naive: Example = {
    ...rest,
    streams: new URL('../dist/naive.js', import.meta.url),
    crashes: example.crashes.slice(0, 1),
    work: (db, over) =>
      untilOver(over, 3, async (user, turn) => {
        const orders = db.collection<Order>('orders')
        if ((await orders.countDocuments({ state: 'placed' })) > 15) return
        await orders.insertOne({ _id: `${user}-${turn}`, product: 'bread', pieces: 1, total: 50, state: 'placed' })
      }),
  }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/order \d-\d+ is confirmed, and (\d+) of \d+ were paid/)
})
