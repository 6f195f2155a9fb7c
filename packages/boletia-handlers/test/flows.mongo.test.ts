import { expect, test } from 'vitest'
import { boletiaStreams } from '../src/index.js'
import { boletia, mailbox, running } from './boletia.js'

async function withAllStreams() {
  const domain = await boletia()
  const box = mailbox()
  const streams = await running(domain.database, boletiaStreams({ mail: box.open }))
  return {
    ...domain,
    ...streams,
    mails: box.mails,
    async [Symbol.asyncDispose]() {
      await streams[Symbol.asyncDispose]()
      await domain[Symbol.asyncDispose]()
    },
  }
}

const text = (id: unknown, cantidad: number, ending: string) =>
  `Su reserva ${String(id)} de ${cantidad} boletos para el evento Concierto ${ending}`

test('the worked example: 30, 29, 19, 29, and the event’s cancellation spares what the customer cancelled', async () => {
  await using domain = await withAllStreams()
  const { inventario, reservas, mails } = domain
  const evento = await domain.createEvento('Concierto', 30)
  await domain.quiet()
  expect(await inventario.findOne()).toEqual({
    _id: evento,
    nombre: 'Concierto',
    disponible: 30,
    categoria: 'música',
    estado: 'A',
  })

  const tickets = () => expect.poll(() => domain.tickets('Concierto'), { timeout: 60_000 })
  const one = await domain.reserve('Concierto', 1)
  await tickets().toEqual({ disponible: 29, reservados: 1 })
  const ten = await domain.reserve('Concierto', 10, 'luis@example.org')
  await tickets().toEqual({ disponible: 19, reservados: 11 })
  await domain.cancelReserva(ten!)
  await tickets().toEqual({ disponible: 29, reservados: 1 })

  await domain.cancelEvento('Concierto')
  await domain.quiet()
  expect(await inventario.findOne()).toMatchObject({ estado: 'C', disponible: 29 })
  expect(await reservas.find().sort({ cantidad: 1 }).toArray()).toMatchObject([
    { _id: one, estado: 'C' },
    { _id: ten, estado: 'X' },
  ])
  expect(await domain.reserve('Concierto', 1)).toBeNull()

  expect(mails.map(({ to, text: said }) => [to, said])).toEqual([
    ['ana@example.org', text(one, 1, 'está confirmada')],
    ['luis@example.org', text(ten, 10, 'está confirmada')],
    ['luis@example.org', text(ten, 10, 'fue cancelada a petición suya')],
    ['ana@example.org', text(one, 1, 'fue cancelada, el evento fue suspendido por los organizadores')],
  ])
})

test('a reservation accepted just before the event’s cancellation is made, then cancelled, and its customer hears both', async () => {
  await using domain = await boletia()
  const { inventario, reservas } = domain
  const box = mailbox()
  const all = boletiaStreams({ mail: box.open })
  const isOwn = ({ name }: { readonly name: string }) => name === 'streamInventario'
  const own = all.filter(isOwn)
  await using others = await running(
    domain.database,
    all.filter((stream) => !isOwn(stream)),
  )
  await domain.createEvento('Concierto', 30)
  await others.quiet()
  {
    await using _anchored = await running(domain.database, own)
  }
  // The event is closed before the reservations' own stream has seen a request.
  const first = await domain.reserve('Concierto', 1)
  const cancelling = domain.cancelEvento('Concierto')
  const ids = [first, ...(await Promise.all(Array.from({ length: 9 }, () => domain.reserve('Concierto', 1))))]
  await cancelling
  await others.quiet()
  expect(await inventario.findOne()).toMatchObject({ estado: 'C' })
  expect(await reservas.countDocuments()).toBe(0)

  await using late = await running(domain.database, own)
  await late.quiet()
  await others.quiet()
  const accepted = ids.filter((id) => id !== null)
  expect(accepted.length).toBeGreaterThan(0)
  expect(
    await reservas
      .find({ estado: 'C' })
      .map(({ _id }) => String(_id))
      .toArray(),
  ).toEqual(expect.arrayContaining(accepted.map(String)))
  expect(await reservas.countDocuments()).toBe(accepted.length)
  for (const id of accepted) {
    expect(box.mails.filter((mail) => mail.id === String(id)).map(({ estado }) => estado)).toEqual(['A', 'C'])
  }
})

test('customer against organizers: the first to leave A wins, tickets come back only to an active event, each mail is true', async () => {
  await using domain = await withAllStreams()
  const { inventario, reservas, mails } = domain
  await domain.createEvento('Concierto', 40)
  await domain.quiet()
  const ids = (await Promise.all(Array.from({ length: 20 }, () => domain.reserve('Concierto', 1)))).filter((id) => id !== null)
  await domain.quiet()
  expect(await reservas.countDocuments({ estado: 'A' })).toBe(20)

  await Promise.all([
    ...ids.slice(0, 10).map((id) => domain.cancelReserva(id)),
    domain.cancelEvento('Concierto'),
    ...ids.slice(10).map((id) => domain.cancelReserva(id)),
  ])
  await domain.quiet()

  const byState = { A: 0, C: 0, X: 0 }
  for (const { _id, estado } of await reservas.find().toArray()) {
    byState[estado]++
    expect(mails.filter(({ id }) => id === String(_id)).map((mail) => mail.estado)).toEqual(['A', estado])
  }
  expect(byState.A).toBe(0)
  expect(byState.C + byState.X).toBe(20)
  const closed = await inventario.findOne()
  expect(closed?.estado).toBe('C')
  // Never more than what customers cancelled; how many of them before the inventory closed is a race.
  expect(closed?.disponible).toBeGreaterThanOrEqual(20)
  expect(closed?.disponible).toBeLessThanOrEqual(20 + byState.X)
})

test('under reservations and cancellations from many customers at once, left and reserved are the capacity', async () => {
  await using domain = await withAllStreams()
  const names = ['Concierto', 'Ballet']
  for (const nombre of names) await domain.createEvento(nombre, 25)
  await domain.quiet()
  const customer = async (index: number) => {
    const id = await domain.reserve(names[index % 2]!, 1 + (index % 3))
    if (id === null || index % 2 === 0) return
    // The reservation exists once its stream has made it.
    await expect.poll(() => domain.reservas.countDocuments({ _id: id }), { timeout: 60_000 }).toBe(1)
    await domain.cancelReserva(id)
  }
  await Promise.all(Array.from({ length: 40 }, (_, index) => customer(index)))
  await domain.quiet()
  for (const nombre of names) {
    const { disponible, reservados } = await domain.tickets(nombre)
    expect(disponible + reservados).toBe(25)
  }
})

test.each(['another database', 'another connection'])('source and targets can be in different places: %s', async (where) => {
  await using eventosSide = await boletia()
  await using otherSide = await boletia()
  await eventosSide.database.widen(otherSide.database.name)
  const connection = where === 'another connection' ? { connection: 'otra' } : {}
  const elsewhere = { ...connection, database: otherSide.database.name }
  const all = boletiaStreams({ inventario: elsewhere, reservas: elsewhere, mail: mailbox().open })
  await using streams = await running(eventosSide.database, all, { otra: otherSide.database.client })
  await eventosSide.createEvento('Concierto', 30)
  await streams.quiet()
  const id = await otherSide.reserve('Concierto', 4)
  await streams.quiet()
  await otherSide.cancelReserva(id!)
  await streams.quiet()
  expect(await otherSide.tickets('Concierto')).toEqual({ disponible: 30, reservados: 0 })
  expect(await eventosSide.inventario.countDocuments()).toBe(0)
})
