import { expect, inject, test } from 'vitest'
import { send, sendRaw } from '../support/http.js'
import { inventoryOf, reservationOf, startReservas } from '../support/services.js'

const planted = 'planted.address@example.com'

test('request logs hold the route pattern and never an address, wherever a request puts it', async () => {
  await using reservas = await startReservas(inject('mongoUri'))
  await reservas.inventario.insertOne(inventoryOf('Concierto', 30))
  await reservas.reservas.insertOne(reservationOf('Concierto', planted, 1))
  const wanted = { evento: 'Concierto', cantidad: 1, email: planted }
  const encoded = encodeURIComponent(planted)
  await send('GET', `${reservas.url}/reservas/Concierto/${planted}`)
  await send('GET', `${reservas.url}/reservas/Concierto/${encoded}`)
  await send('GET', `${reservas.url}/reservas/Concierto/${encoded}%zz`)
  await send('GET', `${reservas.url}/reservas/Concierto/${encoded}/mas`)
  await send('GET', `${reservas.url}/reservas/${encoded}`)
  await send('GET', `${reservas.url}/reservas/inventario/${encoded}?email=${encoded}`)
  await send('GET', `${reservas.url}/${planted}`)
  await send('POST', `${reservas.url}/reservas`, wanted)
  await send('POST', `${reservas.url}/reservas`, { ...wanted, cantidad: 0 })
  await send('POST', `${reservas.url}/reservas`, { ...wanted, [planted]: planted })
  await send('POST', `${reservas.url}/reservas`, { ...wanted, evento: planted })
  await sendRaw('POST', `${reservas.url}/reservas`, {
    headers: { 'content-type': 'application/json', 'x-request-id': planted, from: planted },
    body: `{"email":"${planted}"`,
  })
  const lines = reservas.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'request')
  expect(lines.map(({ method, route, status }) => [method, route, status].map(String).join(' '))).toEqual([
    'GET /reservas/:evento/:email 200',
    'GET /reservas/:evento/:email 200',
    'GET null 400',
    'GET null 404',
    'GET /reservas/:Id 400',
    'GET /reservas/inventario/:nombre 404',
    'GET null 404',
    'POST /reservas 200',
    'POST /reservas 400',
    'POST /reservas 400',
    'POST /reservas 404',
    'POST /reservas 400',
  ])
  expect(reservas.log.join('')).not.toMatch(/planted|example\.com|%40/i)
})

test('a fault whose own message quotes a document is answered with 500 and logged without that message', async () => {
  await using reservas = await startReservas(inject('mongoUri'))
  await reservas.inventario.insertOne(inventoryOf('Concierto', 30))
  // The server's refusal (121) carries the document that it refuses.
  await reservas.admin.command({ collMod: 'inventario', validator: { reserva: { $exists: false } } })
  const reply = await send('POST', `${reservas.url}/reservas`, { evento: 'Concierto', cantidad: 1, email: planted })
  expect(reply).toMatchObject({ status: 500, body: { error: { code: 'INTERNAL' } } })
  const log = reservas.log.join('')
  expect(log).toContain('"name":"MongoServerError","code":121,"at":["at ')
  expect(log + JSON.stringify(reply.body)).not.toMatch(/planted|validation/)
})
