import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { guardedInc } from '@boletia/streams-core/guards'
import { streamReserva } from '../../src/index.js'
import { boletia, changesOf, running } from '../boletia.js'

// Ways to give the tickets of a cancelled reservation back more than once.

type Domain = Awaited<ReturnType<typeof boletia>>

/** An event of 30 with two reservations of 3: 24 left. */
async function twoReservations({ inventario, reservas }: Domain): Promise<[ObjectId, ObjectId]> {
  const ids: [ObjectId, ObjectId] = [new ObjectId(), new ObjectId()]
  await inventario.insertOne({ _id: new ObjectId(), nombre: 'Concierto', disponible: 24, categoria: 'música', estado: 'A' })
  await reservas.insertMany(ids.map((_id) => ({ _id, evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' })))
  return ids
}

/** An unrelated update of a reservation that is cancelled already. */
const correct = ({ reservas }: Domain, _id: ObjectId) => reservas.updateOne({ _id }, { $set: { email: 'ana@example.com' } })

test('later updates of a cancelled reservation give nothing back', async () => {
  await using domain = await boletia()
  const [first] = await twoReservations(domain)
  await using streams = await running(domain.database, [streamReserva()])
  await domain.cancelReserva(first)
  await correct(domain, first)
  await streams.quiet()
  expect((await domain.tickets('Concierto')).disponible).toBe(27)
  // Such an update is not even handed over.
  expect(streams.runs[0]!.status.handled).toBe(1)
})

test('the naive version: matching fullDocument.estado gives the tickets back again, guard or not', async () => {
  await using domain = await boletia()
  const { inventario, reservas } = domain
  const [first] = await twoReservations(domain)
  const pipeline = [{ $match: { operationType: 'update', 'fullDocument.estado': 'X' } }]
  const changes = await changesOf(reservas, pipeline, 2, async () => {
    await domain.cancelReserva(first)
    await correct(domain, first)
  })
  for (const { _id, fullDocument } of changes) {
    const context = { stream: 'streamReserva', token: _id._data }
    const filter = { nombre: fullDocument.evento, estado: 'A' }
    const write = guardedInc(context, {
      target: 'inventario',
      filter,
      inc: { disponible: fullDocument.cantidad },
      field: 'token',
    })
    if ('updateOne' in write) await inventario.updateOne(write.updateOne.filter, write.updateOne.update)
  }
  expect((await domain.tickets('Concierto')).disponible).toBe(30)
})

test('a replay of two cancellations of one event gives back the 6 tickets that are due', async () => {
  await using domain = await boletia()
  const { database } = domain
  const ids = await twoReservations(domain)
  const state = database.db.collection('stream')
  {
    await using streams = await running(database, [streamReserva()])
    const before = await state.findOne()
    for (const _id of ids) await domain.cancelReserva(_id)
    await streams.quiet()
    await streams[Symbol.asyncDispose]()
    // The position goes back to before both, as a reset would do.
    await state.updateOne({}, { $set: { token: before!['token'], clusterTime: before!['clusterTime'], by: before!['by'] } })
  }
  await using again = await running(database, [streamReserva()])
  await again.quiet()
  expect(again.runs[0]!.status.handled).toBe(2)
  expect((await domain.tickets('Concierto')).disponible).toBe(24 + 6)
})

test('the naive version: with the guard token ≠ current the replay gives back 12', async () => {
  await using domain = await boletia()
  const { inventario, reservas } = domain
  const ids = await twoReservations(domain)
  const changes = await changesOf(reservas, [{ $match: { 'updateDescription.updatedFields.estado': 'X' } }], 2, async () => {
    for (const _id of ids) await domain.cancelReserva(_id)
  })
  for (const { _id, fullDocument } of [...changes, ...changes]) {
    const token = _id._data as string
    const filter = { nombre: fullDocument.evento, estado: 'A' as const, token: { $ne: token } }
    await inventario.updateOne(filter, { $inc: { disponible: fullDocument.cantidad }, $set: { token } })
  }
  expect((await domain.tickets('Concierto')).disponible).toBe(24 + 12)
})
