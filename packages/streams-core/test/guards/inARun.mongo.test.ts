// The guards with the context that a run gives, not one that a test made up.
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
