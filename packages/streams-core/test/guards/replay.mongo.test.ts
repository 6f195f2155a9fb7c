import { ObjectId } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { apply, guardedInc } from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

interface Cancelled {
  readonly token: string
  readonly evento: string
  readonly cantidad: number
}

/** Two reservations of three tickets each, both cancelled by the customer; the changes as a real change stream reports them. */
async function twoCancellations({ db }: TestDatabase): Promise<Cancelled[]> {
  const reservas = db.collection<{ _id: ObjectId; evento: string; cantidad: number; estado: string }>('reservas')
  const ids = [new ObjectId(), new ObjectId()]
  await reservas.insertMany(ids.map((_id) => ({ _id, evento: 'Concierto', cantidad: 3, estado: 'A' })))
  await using stream = reservas.watch([{ $match: { operationType: 'update' } }], {
    fullDocument: 'updateLookup',
    maxAwaitTimeMS: 20,
  })
  // Opened before the changes, or they are not seen.
  await stream.tryNext()
  for (const _id of ids) await reservas.updateOne({ _id, estado: 'A' }, { $set: { estado: 'X' } })
  const cancelled: Cancelled[] = []
  while (cancelled.length < ids.length) {
    const change = await stream.next()
    if (change.operationType !== 'update' || change.fullDocument === undefined)
      throw new Error(`unexpected ${change.operationType}`)
    cancelled.push({
      token: (change._id as { _data: string })._data,
      evento: change.fullDocument.evento,
      cantidad: change.fullDocument.cantidad,
    })
  }
  return cancelled
}

/** Both are handled, and then a replay hands both over again. */
async function givenBack(database: TestDatabase, mode: 'ordered' | 'last'): Promise<number> {
  const inventario = database.db.collection('inventario')
  await inventario.insertOne({ nombre: 'Concierto', estado: 'A', disponible: 0 })
  const cancelled = await twoCancellations(database)
  const context = { target: () => inventario as never }
  for (const { token, evento, cantidad } of [...cancelled, ...cancelled]) {
    const filter = { nombre: evento, estado: 'A' }
    await apply(
      context,
      guardedInc({ stream: 's', token }, { target: 'inventario', filter, inc: { disponible: cantidad }, field: 'token', mode }),
    )
  }
  return (await inventario.findOne())?.['disponible']
}

test('a replay of two cancellations gives back the 6 tickets that are due', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  expect(await givenBack(database, 'ordered')).toBe(6)
})

test('the naive version: the original guard (≠ the last token) gives back 12', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  expect(await givenBack(database, 'last')).toBe(12)
})
