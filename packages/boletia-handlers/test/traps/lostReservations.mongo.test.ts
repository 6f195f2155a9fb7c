import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { streamEvento, streamInventario } from '../../src/index.js'
import { boletia, changesOf, running } from '../boletia.js'

// With updateLookup, two quick reservations of one event both arrive with the second one's data in fullDocument.

const updates = [{ $match: { operationType: 'update' } }]

test('two quick reservations of one event are two reservations, each with its own data', async () => {
  await using domain = await boletia()
  const { database, reservas } = domain
  await using streams = await running(database, [streamEvento()])
  await domain.createEvento('Concierto', 30)
  await streams.quiet()

  const first = await running(database, [streamInventario()])
  await first[Symbol.asyncDispose]()
  const ana = await domain.reserve('Concierto', 3, 'ana@example.org')
  const luis = await domain.reserve('Concierto', 2, 'luis@example.org')
  // The stream starts after both: what it looks up is certainly the second one.
  await using again = await running(database, [streamInventario()])
  await again.quiet()

  expect(await reservas.find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: ana, evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' },
    { _id: luis, evento: 'Concierto', email: 'luis@example.org', cantidad: 2, estado: 'A' },
  ])
  expect(await domain.tickets('Concierto')).toEqual({ disponible: 25, reservados: 5 })
})

test('the naive version: reading fullDocument.reserva loses the first reservation', async () => {
  await using domain = await boletia()
  const { inventario, reservas } = domain
  await inventario.insertOne({ _id: new ObjectId(), nombre: 'Concierto', disponible: 30, categoria: 'música', estado: 'A' })
  const changes = await changesOf(inventario, updates, 2, async () => {
    await domain.reserve('Concierto', 3, 'ana@example.org')
    await domain.reserve('Concierto', 2, 'luis@example.org')
  })
  for (const { fullDocument } of changes) {
    const { _id, email, cantidad } = fullDocument.reserva
    await reservas.updateOne(
      { _id },
      { $setOnInsert: { evento: fullDocument.nombre, email, cantidad, estado: 'A' } },
      { upsert: true },
    )
  }
  expect(await reservas.find().toArray()).toMatchObject([{ email: 'luis@example.org', cantidad: 2 }])
  // Five tickets are gone, two of them are somebody's.
  expect(await domain.tickets('Concierto')).toEqual({ disponible: 25, reservados: 2 })
})

const byPipeline = (_id: ObjectId, email: string, cantidad: number) => [
  { $set: { disponible: { $subtract: ['$disponible', cantidad] }, reserva: { _id, email, cantidad } } },
]
const byFields = (_id: ObjectId, email: string, cantidad: number) => ({
  $inc: { disponible: -cantidad },
  $set: { 'reserva._id': _id, 'reserva.email': email, 'reserva.cantidad': cantidad },
})

test.each([
  ['an update pipeline', byPipeline],
  ['flat fields', byFields],
])('a request written by %s stops the stream with an error, and no wrong reservation is made', async (_, update) => {
  await using domain = await boletia()
  const { database, inventario, reservas } = domain
  const reserva = { _id: new ObjectId(), email: 'ana@example.org', cantidad: 2 }
  await inventario.insertOne({
    _id: new ObjectId(),
    nombre: 'Concierto',
    disponible: 30,
    categoria: 'música',
    estado: 'A',
    reserva,
  })
  await using streams = await running(database, [
    { ...streamInventario(), retry: { attempts: 1, minDelayMs: 0, maxDelayMs: 0, timeoutMs: null } },
  ])
  await inventario.updateOne({}, update(new ObjectId(), 'ana@example.org', 3))
  await expect(streams.runs[0]!.done).rejects.toMatchObject({
    code: 'HANDLER_FAILED',
    cause: expect.objectContaining({ message: expect.stringContaining('written by parts') }),
  })
  expect(await reservas.countDocuments()).toBe(0)
})

test.each([
  ['an update pipeline', byPipeline],
  ['flat fields', byFields],
])(
  'the naive version: a request written by %s has no e-mail address when it is that of the request before',
  async (_, update) => {
    await using domain = await boletia()
    const { inventario } = domain
    const reserva = { _id: new ObjectId(), email: 'ana@example.org', cantidad: 2 }
    await inventario.insertOne({
      _id: new ObjectId(),
      nombre: 'Concierto',
      disponible: 30,
      categoria: 'música',
      estado: 'A',
      reserva,
    })
    const _id = new ObjectId()
    const [change] = await changesOf(inventario, updates, 1, () => inventario.updateOne({}, update(_id, 'ana@example.org', 3)))
    const { updatedFields } = change!['updateDescription']
    expect(updatedFields).toEqual({ disponible: 27, 'reserva._id': _id, 'reserva.cantidad': 3 })
    // What matches and reads `reserva` sees nothing at all.
    expect(updatedFields.reserva).toBeUndefined()
  },
)
