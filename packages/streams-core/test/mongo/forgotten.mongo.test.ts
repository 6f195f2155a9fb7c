import { expect, inject, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { killSessions } from '../../src/mongo/ownSessions.js'
import { testDatabase } from '../../src/testing/index.js'
import { at } from './ownState.js'

test('a forgotten stream begins anew though an operator was killed while putting it back; before the fence it would wait for a minute', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
  const run = () => runStream(stream, { client: place.client, until: 'caught-up' })
  await run().done
  const states = place.db.collection<{ _id: string }>('stream')
  await states.updateOne({ _id: 's' }, { $unset: { token: '', clusterTime: '', by: '' }, $inc: { epoch: 1, rev: 1 } })

  const dead = place.client.startSession()
  dead.startTransaction()
  await states.updateOne({ _id: 's' }, { $set: { token: at(1).token } }, { session: dead })
  const leases = place.db.collection<{ _id: string; sessions: unknown[] }>('stream.leases')
  await leases.updateOne(
    { _id: 's' },
    { $inc: { epoch: 1 }, $set: { until: new Date(0), sessions: [{ id: (dead.id as { id: unknown }).id }] } },
  )
  try {
    const naive = states.updateOne({ _id: 's', token: { $exists: false } }, { $set: { token: at(2).token } }, { maxTimeMS: 500 })
    await expect(naive).rejects.toMatchObject({ code: 50 })

    expect(await run().done).toMatchObject({ reason: 'caught-up' })
    expect(await states.findOne()).toMatchObject({ token: expect.any(String) as string, owner: null })
    expect(await place.db.collection('stream.history').find().sort({ _id: 1 }).toArray()).toMatchObject([
      { action: 'start', rev: 0 },
      { action: 'start' },
    ])
  } finally {
    await killSessions(place.client, [dead.id as never])
    await dead.endSession()
  }
})
