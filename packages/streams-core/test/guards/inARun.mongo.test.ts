// The guards with the context that a run gives, not one that a test made up.
import { MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { defineStream } from '../../src/defineStream.js'
import { apply, applyOnce } from '../../src/guards/index.js'
import { runStream } from '../../src/runStream.js'
import type { Context } from '../../src/stream.js'
import { testDatabase } from '../../src/testing/index.js'

test("applyOnce gives its effect the run's context with a session, and what is taken out of it works", async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const seen: unknown[] = []
  const stream = defineStream({
    name: 'cuenta',
    watch: { collection: 'pagos' },
    targets: { saldos: { collection: 'saldos' }, ledger: { collection: 'ledger' } },
    async handle(_change, context: Context) {
      const { target } = context
      await applyOnce(context, { ledger: 'ledger' }, async (within) => {
        const { token, stream, attempt, session } = within
        seen.push([token === context.token, stream, attempt, session.inTransaction(), 'session' in within, 'session' in context])
        await apply(within, {
          target: 'saldos',
          updateOne: { filter: { _id: 'a' }, update: { $inc: { n: 1 } }, upsert: true },
        })
        await within.target('saldos').updateOne({ _id: 'a' as never }, { $inc: { n: 1 } }, { session })
      })
      seen.push(await target('ledger').countDocuments())
    },
  })
  await using run = runStream(stream, { client: database.client })
  await run.whenCaughtUp()
  await database.db.collection('pagos').insertOne({})
  await run.whenCaughtUp()
  expect(seen).toEqual([[true, 'cuenta', 1, true, true, false], 1])
  expect(await database.db.collection('saldos').findOne()).toMatchObject({ n: 2 })
})

test('the transaction of applyOnce in a dead worker holds nobody up: the next owner ends it', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  let dead = true
  let entered = () => undefined as void
  const inside = new Promise<void>((resolve) => (entered = resolve))
  let wake = () => undefined as void
  const asleep = new Promise<void>((resolve) => (wake = resolve))
  const stream = defineStream({
    name: 'cuenta',
    watch: { collection: 'pagos' },
    targets: { saldos: { collection: 'saldos' }, ledger: { collection: 'ledger' } },
    async handle(_change, context) {
      await applyOnce(context, { ledger: 'ledger' }, async (within) => {
        const update = { filter: { _id: 'a' }, update: { $inc: { n: 1 } }, upsert: true }
        await apply(within, { target: 'saldos', updateOne: update })
        if (!dead) return
        entered()
        await asleep
      })
    },
  })
  const former = runStream(stream, { client: database.client })
  former.done.catch(() => undefined)
  try {
    await former.whenCaughtUp()
    await database.db.collection('pagos').insertOne({})
    await inside
    dead = false
    // Another process: sessions of its own.
    await using client = await new MongoClient(database.uri).connect()
    await using next = runStream(stream, { client, takeOver: true })
    const since = performance.now()
    await next.whenCaughtUp()
    // Else the server ends it after transactionLifetimeLimitSeconds, a minute.
    expect(performance.now() - since).toBeLessThan(30_000)
    expect(await database.db.collection('saldos').findOne()).toMatchObject({ n: 1 })
  } finally {
    wake()
    await former.stop()
  }
  expect(await database.db.collection('saldos').findOne()).toMatchObject({ n: 1 })
})
