import { ObjectId } from 'mongodb'
import { describe, expect, inject, test } from 'vitest'
import { refused, repeated, send } from '../support/http.js'
import { inventoryOf, reservationOf, startReservas } from '../support/services.js'

const wanted = { evento: 'Concierto', cantidad: 2, email: 'ana@example.com' }

describe('GET /reservas/inventario and /reservas/eventos', () => {
  test('tell what is left, the second in the shape of the API Gateway front end', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    expect(await send('GET', `${reservas.url}/reservas/inventario`)).toMatchObject({ status: 200, body: [] })
    expect(await send('GET', `${reservas.url}/reservas/eventos`)).toMatchObject({ status: 200, body: [] })
    const [a, b] = [inventoryOf('A', 30), { ...inventoryOf('B / 1', 0, 'C'), token: '8265' }]
    await reservas.inventario.insertMany([b, a])
    const own = [
      { Id: a._id.toHexString(), Nombre: 'A', Disponible: 30, Categoria: 'concierto', Estado: 'A' },
      { Id: b._id.toHexString(), Nombre: 'B / 1', Disponible: 0, Categoria: 'concierto', Estado: 'C' },
    ]
    const alias = [
      { Evento: 'A', Capacidad: 30, Categoria: 'concierto', Estado: 'A' },
      { Evento: 'B / 1', Capacidad: 0, Categoria: 'concierto', Estado: 'C' },
    ]
    const bodyOf = async (path: string) => (await send('GET', `${reservas.url}${path}`)).body
    expect(await bodyOf('/reservas/inventario')).toEqual(own)
    expect(await bodyOf('/reservas/eventos')).toEqual(alias)
    expect(await bodyOf('/reservas/inventario/B%20%2F%201')).toEqual(own[1])
    expect(await bodyOf('/reservas/eventos/B%20%2F%201')).toEqual(alias[1])
    expect(refused(await send('GET', `${reservas.url}/reservas/inventario/Nada`))).toEqual([404, 'NOT_FOUND'])
    expect(refused(await send('GET', `${reservas.url}/reservas/eventos/Nada`))).toEqual([404, 'NOT_FOUND'])
  })
})

describe('POST /reservas', () => {
  test('takes the tickets from the inventory, leaves the request there, and answers with the reservation to come', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const before = inventoryOf('Concierto', 30)
    await reservas.inventario.insertOne(before)
    const reply = await send('POST', `${reservas.url}/reservas`, wanted)
    const after = await reservas.inventario.findOne()
    const _id = after?.reserva?._id
    expect(after).toEqual({ ...before, disponible: 28, reserva: { _id, email: 'ana@example.com', cantidad: 2 } })
    expect(reply).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { Id: _id?.toHexString(), Evento: 'Concierto', Estado: 'A', Email: 'ana@example.com', Cantidad: 2 },
    })
    expect(await reservas.reservas.countDocuments(), 'the reservation is the stream’s to insert').toBe(0)
  })

  test('grants the last tickets and refuses one more than there are', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    await reservas.inventario.insertOne(inventoryOf('Concierto', 3))
    expect(refused(await send('POST', `${reservas.url}/reservas`, { ...wanted, cantidad: 4 }))).toEqual([409, 'NOT_ENOUGH'])
    expect((await reservas.inventario.findOne())?.reserva, 'nothing is written').toBeUndefined()
    expect((await send('POST', `${reservas.url}/reservas`, { ...wanted, cantidad: 3 })).status).toBe(200)
    expect(refused(await send('POST', `${reservas.url}/reservas`, { ...wanted, cantidad: 1 }))).toEqual([409, 'NOT_ENOUGH'])
    expect((await reservas.inventario.findOne())?.disponible).toBe(0)
  })

  test('refuses a cancelled event with 409, an unknown one with 404, and writes nothing', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const before = inventoryOf('Concierto', 30, 'C')
    await reservas.inventario.insertOne(before)
    expect(refused(await send('POST', `${reservas.url}/reservas`, wanted))).toEqual([409, 'CONFLICT'])
    expect(refused(await send('POST', `${reservas.url}/reservas`, { ...wanted, evento: 'Nada' }))).toEqual([404, 'NOT_FOUND'])
    expect(await reservas.inventario.find().toArray()).toEqual([before])
  })

  test('refuses bad input and writes nothing', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const before = inventoryOf('Concierto', 30)
    await reservas.inventario.insertOne(before)
    const { evento, cantidad, email } = wanted
    const wrong = [
      { cantidad, email },
      { evento, email },
      { evento, cantidad },
      { ...wanted, evento: '' },
      { ...wanted, evento: { $gt: '' } },
      { ...wanted, cantidad: 0 },
      { ...wanted, cantidad: -5 },
      { ...wanted, cantidad: 1.5 },
      { ...wanted, cantidad: '2' },
      { ...wanted, cantidad: true },
      { ...wanted, cantidad: null },
      ...[
        '',
        'ana',
        'ana@',
        '@example.com',
        'ana@example.com, eva@example.com',
        'ana@example.com\r\nBcc: eva@example.com',
        'Ana <ana@example.com>',
        `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`,
        null,
      ].map((address) => ({ ...wanted, email: address })),
      { ...wanted, nombre: 'Concierto' },
      { ...wanted, estado: 'C' },
      [wanted],
    ]
    for (const body of wrong) {
      expect([body, refused(await send('POST', `${reservas.url}/reservas`, body))]).toEqual([body, [400, 'INVALID_INPUT']])
    }
    expect(await reservas.inventario.find().toArray()).toEqual([before])
  })
})

describe('GET /reservas/{Id}', () => {
  test('answers with the reservation in each of its states, and 404 until the stream has created it', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    await reservas.inventario.insertOne(inventoryOf('Concierto', 30))
    const asked = await send('POST', `${reservas.url}/reservas`, wanted)
    const { Id } = asked.body as { readonly Id: string }
    expect(refused(await send('GET', `${reservas.url}/reservas/${Id}`))).toEqual([404, 'NOT_FOUND'])
    await reservas.reservas.insertOne({ ...reservationOf('Concierto', 'ana@example.com', 2), _id: new ObjectId(Id) })
    expect(await send('GET', `${reservas.url}/reservas/${Id}`)).toMatchObject({ status: 200, body: asked.body })
    for (const estado of ['X', 'C'] as const) {
      await reservas.reservas.updateOne({}, { $set: { estado } })
      expect((await send('GET', `${reservas.url}/reservas/${Id.toUpperCase()}`)).body).toEqual({
        ...(asked.body as object),
        Estado: estado,
      })
    }
  })

  test('refuses an Id that is not 24 hexadecimal digits', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    for (const Id of ['1', 'a'.repeat(23), 'a'.repeat(25), 'g'.repeat(24), `${'a'.repeat(24)}%0A`, 'doce-letras!']) {
      expect([Id, refused(await send('GET', `${reservas.url}/reservas/${Id}`))]).toEqual([Id, [400, 'INVALID_INPUT']])
      expect([Id, refused(await send('DELETE', `${reservas.url}/reservas/${Id}`))]).toEqual([Id, [400, 'INVALID_INPUT']])
    }
  })
})

describe('GET /reservas/{evento}/{email}', () => {
  test("lists that customer's reservations for that event in the order they were made, [] without any", async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const first = reservationOf('A/B', 'ana+1@example.com', 1, 'X')
    const second = reservationOf('A/B', 'ana+1@example.com', 10)
    await reservas.reservas.insertMany([
      second,
      reservationOf('A/B', 'eva@example.com', 3),
      first,
      reservationOf('Otro', 'ana+1@example.com', 4),
    ])
    const bodyOf = async (evento: string, email: string) =>
      await send('GET', `${reservas.url}/reservas/${encodeURIComponent(evento)}/${encodeURIComponent(email)}`)
    expect(await bodyOf('A/B', 'ana+1@example.com')).toMatchObject({
      status: 200,
      body: [
        { Id: first._id.toHexString(), Evento: 'A/B', Estado: 'X', Email: 'ana+1@example.com', Cantidad: 1 },
        { Id: second._id.toHexString(), Evento: 'A/B', Estado: 'A', Email: 'ana+1@example.com', Cantidad: 10 },
      ],
    })
    expect(await bodyOf('A/B', 'nadie@example.com')).toMatchObject({ status: 200, body: [] })
    expect(await bodyOf('Nada', 'ana+1@example.com')).toMatchObject({ status: 200, body: [] })
    expect(refused(await bodyOf('A/B', 'ana'))).toEqual([400, 'INVALID_INPUT'])
  })
})

describe('DELETE /reservas/{Id}', () => {
  test('sets the state to X, answers 409 the second time, and does not touch the inventory', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const left = inventoryOf('Concierto', 28)
    await reservas.inventario.insertOne(left)
    const [mine, other] = [reservationOf('Concierto', 'ana@example.com', 2), reservationOf('Concierto', 'ana@example.com', 2)]
    await reservas.reservas.insertMany([mine, other])
    const Id = mine._id.toHexString()
    const replies = await Promise.all(Array.from({ length: 5 }, () => send('DELETE', `${reservas.url}/reservas/${Id}`)))
    expect(replies.filter(({ status }) => status === 200)).toEqual([
      { status: 200, type: 'text/plain; charset=utf-8', body: `Reserva Id ${Id} cancelada` },
    ])
    expect(replies.filter(({ status }) => status !== 200).map(refused)).toEqual(repeated(4, [409, 'CONFLICT']))
    expect(await reservas.reservas.find().sort({ _id: 1 }).toArray()).toEqual([{ ...mine, estado: 'X' }, other])
    expect(await reservas.inventario.find().toArray()).toEqual([left])
  })

  test('leaves a reservation that the organizers cancelled as it is (409); 404 for an unknown one', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const cancelled = reservationOf('Concierto', 'ana@example.com', 2, 'C')
    await reservas.reservas.insertOne(cancelled)
    expect(refused(await send('DELETE', `${reservas.url}/reservas/${cancelled._id.toHexString()}`))).toEqual([409, 'CONFLICT'])
    expect(await reservas.reservas.find().toArray()).toEqual([cancelled])
    expect(refused(await send('DELETE', `${reservas.url}/reservas/${new ObjectId().toHexString()}`))).toEqual([404, 'NOT_FOUND'])
  })
})
