import { testDatabase } from '@boletia/streams-core/testing'
import { type ChangeStream, type Collection, ObjectId } from 'mongodb'
import { expect, inject, test } from 'vitest'
import type { Inventario } from '@boletia/handlers'
import { reserve } from '../../src/reservas/reserve.js'
import { refused, repeated, send } from '../support/http.js'
import { inventoryOf, startReservas } from '../support/services.js'

const ana = { evento: 'Concierto', cantidad: 1, email: 'ana@example.com' }

test('60 one-ticket requests at once on 20 tickets are granted exactly 20 times', async () => {
  await using reservas = await startReservas(inject('mongoUri'))
  await reservas.inventario.insertOne(inventoryOf('Concierto', 20))
  const replies = await Promise.all(Array.from({ length: 60 }, () => send('POST', `${reservas.url}/reservas`, ana)))
  const granted = replies.filter(({ status }) => status === 200)
  expect(granted).toHaveLength(20)
  expect(new Set(granted.map(({ body }) => (body as { readonly Id: string }).Id)).size).toBe(20)
  expect(replies.filter(({ status }) => status !== 200).map(refused)).toEqual(repeated(40, [409, 'NOT_ENOUGH']))
  expect((await reservas.inventario.findOne())?.disponible).toBe(0)
})

test('naive: reading what is left before taking it grants all 60', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const inventario = database.db.collection<Inventario>('inventario')
  await inventario.insertOne(inventoryOf('Concierto', 20))
  const seen = await Promise.all(
    Array.from({ length: 60 }, () => inventario.findOne({ nombre: 'Concierto', disponible: { $gte: 1 } })),
  )
  const taken = await Promise.all(
    seen.map((found) => inventario.updateOne({ _id: found?._id ?? new ObjectId() }, { $inc: { disponible: -1 } })),
  )
  expect(taken.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(60)
  expect((await inventario.findOne())?.disponible).toBe(-40)
})

test('each of two equal requests shows up whole in updatedFields', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const inventario = database.db.collection<Inventario>('inventario')
  await inventario.insertOne(inventoryOf('Concierto', 20))
  await using changes = await watching(inventario)
  const granted = [await reserve(inventario, ana), await reserve(inventario, ana)].map((done) =>
    done.kind === 'reserved' ? { _id: done.reserva._id, email: 'ana@example.com', cantidad: 1 } : done,
  )
  expect(await updatedFields(changes, 2)).toEqual([
    { disponible: 19, reserva: granted[0] },
    { disponible: 18, reserva: granted[1] },
  ])
})

test('naive: a pipeline-style update leaves out what did not change: of two equal requests one reservation is lost', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const inventario = database.db.collection<Inventario>('inventario')
  await inventario.insertOne(inventoryOf('Concierto', 20))
  await using changes = await watching(inventario)
  const ids = [new ObjectId(), new ObjectId()]
  for (const _id of ids) {
    const reserva = { _id, email: ana.email, cantidad: ana.cantidad }
    await inventario.updateOne({ nombre: ana.evento }, [{ $set: { disponible: { $subtract: ['$disponible', 1] }, reserva } }])
  }
  const fields = await updatedFields(changes, 2)
  expect(fields.filter((updated) => 'reserva' in updated)).toHaveLength(1)
  expect(fields[1]).toEqual({ disponible: 18, 'reserva._id': ids[1] })
})

/** A change stream that is open before the first write: one that opens lazily would miss it. */
async function watching(inventario: Collection<Inventario>): Promise<ChangeStream<Inventario>> {
  const changes = inventario.watch<Inventario>()
  await changes.tryNext()
  return changes
}

async function updatedFields(changes: ChangeStream<Inventario>, count: number): Promise<readonly object[]> {
  const fields: object[] = []
  while (fields.length < count) {
    const change = await changes.next()
    if (change.operationType === 'update') fields.push(change.updateDescription.updatedFields ?? {})
  }
  return fields
}
