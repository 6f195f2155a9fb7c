import { testDatabase } from '@boletia/streams-core/testing'
import type { ChangeStreamDocument } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { changesLeft, majorityTime } from '../../src/demo/inFlight.js'

test('in flight is what the stream had to act on, after its checkpoint and not later than the kill', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const { db } = database
  const reservas = db.collection<{ _id: number; estado: string }>('reservas', { writeConcern: { w: 'majority' } })
  await reservas.insertMany([1, 2, 3, 4, 5].map((_id) => ({ _id, estado: 'A' })))
  const cancel = (_id: number, estado = 'X') => reservas.updateOne({ _id }, { $set: { estado } })
  const seen: ChangeStreamDocument[] = []
  {
    await using cursor = reservas.watch()
    // Anchored: what is written from here on is seen.
    await cursor.tryNext()
    await cancel(1)
    await cancel(2)
    await cancel(3, 'C')
    await cancel(4)
    while (seen.length < 4) seen.push(await cursor.next())
  }
  const time = await majorityTime(db)
  await cancel(5)

  const after = async (index: number) => {
    const { _id, clusterTime } = seen[index] as ChangeStreamDocument
    if (clusterTime === undefined) throw new Error('a change without its time')
    const saved = { _id: 'streamReserva', token: (_id as { _data: string })._data, clusterTime, rev: 0, owner: null }
    return await changesLeft(db, 'streamReserva', saved, time)
  }
  expect([await after(0), await after(1), await after(3)]).toEqual([2, 1, 0])
})
