import type { Stream } from '@boletia/streams-core'
import { type Collection, type Document, ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { streamEvento, streamInventario, streamNotificacion, streamReserva } from '../src/index.js'
import { boletia } from './boletia.js'

/** What the server lets through of some writes, told by operation and the fields that it says were updated. A last insert marks the end. */
async function letThrough({ pipeline }: Stream, collection: Collection, write: () => Promise<unknown>): Promise<string[]> {
  const end = new ObjectId()
  const all = [{ $match: { $or: [{ 'documentKey._id': end }, (pipeline[0] as { $match: Document }).$match] } }]
  expect(pipeline).toHaveLength(1)
  await using changes = collection.watch(all, { maxAwaitTimeMS: 20 })
  // Opened before the writes, or they are not seen.
  await changes.tryNext()
  await write()
  await collection.insertOne({ _id: end, nombre: String(end) })
  const seen: string[] = []
  for (;;) {
    const change = await changes.next()
    if ('documentKey' in change && end.equals(change.documentKey._id)) return seen
    const fields = change.operationType === 'update' ? Object.keys(change.updateDescription.updatedFields ?? {}).join(' ') : ''
    seen.push(`${change.operationType} ${fields}`.trim())
  }
}

test('streamEvento: inserts and every update, no delete and no replacement', async () => {
  await using domain = await boletia()
  const { eventos } = domain
  const seen = await letThrough(streamEvento(), eventos as never, async () => {
    await domain.createEvento('Concierto', 30)
    await eventos.updateOne({}, { $set: { categoria: 'teatro' } })
    await domain.cancelEvento('Concierto')
    await eventos.replaceOne({}, { nombre: 'Concierto', capacidad: 1, categoria: 'teatro', estado: 'A' })
    await eventos.deleteOne({})
  })
  expect(seen).toEqual(['insert', 'update categoria', 'update estado'])
})

test('streamInventario: requests (also those by parts, to refuse them) and the cancellation; not what comes back, nor corrections', async () => {
  await using domain = await boletia()
  const { inventario } = domain
  const seen = await letThrough(streamInventario(), inventario as never, async () => {
    await inventario.insertOne({ _id: new ObjectId(), nombre: 'Concierto', disponible: 30, categoria: 'música', estado: 'A' })
    await domain.reserve('Concierto', 3)
    await inventario.updateOne({}, { $inc: { disponible: 3 }, $set: { token: '82' } })
    await inventario.updateOne({}, { $set: { 'reserva.email': 'luis@example.org' } })
    await inventario.updateOne({}, { $set: { 'reserva._id': new ObjectId(), 'reserva.cantidad': 2 } })
    await inventario.updateOne({}, [{ $set: { reserva: { _id: new ObjectId(), email: 'luis@example.org', cantidad: 1 } } }])
    await inventario.updateOne({}, { $set: { categoria: 'teatro' } })
    await inventario.updateOne({}, { $set: { estado: 'C' } })
    await inventario.updateOne({}, { $set: { categoria: 'música' } })
  })
  expect(seen).toEqual([
    'update disponible reserva',
    'update reserva._id reserva.cantidad',
    'update reserva._id reserva.cantidad',
    'update estado',
  ])
})

/** Three reservations: one stays, one is cancelled by its customer and corrected later, one is cancelled with its event. */
async function reservations({ reservas, ...domain }: Awaited<ReturnType<typeof boletia>>): Promise<void> {
  const ids = [new ObjectId(), new ObjectId(), new ObjectId()] as const
  await reservas.insertMany(
    ids.map((_id) => ({ _id, evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' as const })),
  )
  await domain.cancelReserva(ids[1])
  await reservas.updateOne({ _id: ids[1] }, { $set: { email: 'luis@example.org' } })
  await reservas.updateMany({ _id: ids[2], estado: 'A' }, { $set: { estado: 'C' } })
}

test('streamReserva: the customer’s cancellation alone', async () => {
  await using domain = await boletia()
  expect(await letThrough(streamReserva(), domain.reservas as never, () => reservations(domain))).toEqual(['update estado'])
})

test('streamNotificacion: new reservations and both kinds of cancellation', async () => {
  await using domain = await boletia()
  const seen = await letThrough(streamNotificacion(), domain.reservas as never, () => reservations(domain))
  // The end's marker is an insert too, and not counted.
  expect(seen).toEqual(['insert', 'insert', 'insert', 'update estado', 'update estado'])
})
