import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { eventosService } from '../src/eventos/service.js'
import { reservasService } from '../src/reservas/service.js'
import { startService } from '../src/service/startService.js'
import { refused, send } from './support/http.js'
import { type Granted, violations } from './support/invariant.js'
import { startStreams } from './support/streams.js'

// Four streams, each with its own pace of catching up, beside another test file on two cores.
const timeout = 240_000

const options = { host: '127.0.0.1', port: 0, logLevel: 'silent', logStream: process.stderr } as const

test('the worked example: 30 tickets, reserve 1 and 10, cancel the 10, cancel the event', { timeout }, async () => {
  await using boletia = await startBoletia()
  const { create, reserve, cancelReservation, cancelEvent, left, stateOf, streams, db } = boletia
  await create('Concierto', 30)
  await streams.caughtUp()
  const one = await reserve('Concierto', 1, 'ana@example.com')
  expect(await left('Concierto')).toBe(29)
  const ten = await reserve('Concierto', 10, 'eva@example.com')
  expect(await left('Concierto')).toBe(19)
  await streams.caughtUp()
  expect(await cancelReservation(ten.Id)).toBe(200)
  await streams.caughtUp()
  expect(await left('Concierto')).toBe(29)
  await cancelEvent('Concierto')
  await streams.caughtUp()
  expect([await stateOf(one.Id), await stateOf(ten.Id)]).toEqual(['C', 'X'])
  expect(refused(await boletia.ask('Concierto', 1, 'ana@example.com'))).toEqual([409, 'CONFLICT'])
  expect(await violations(db, [one, ten], await streams.mails())).toEqual([])
})

test(
  'the invariant holds under a mixed load of reservations and both kinds of cancellation, and every mail matches a state',
  { timeout },
  async () => {
    await using boletia = await startBoletia()
    const { streams, db } = boletia
    const [stays, slashed, cancelled] = ['Concierto', 'Teatro / 50%', 'Partido'] as const
    await Promise.all([boletia.create(stays, 60), boletia.create(slashed, 25), boletia.create(cancelled, 40)])
    await streams.caughtUp()

    const granted: Granted[] = []
    const byCustomers: string[] = []
    /** Asks four times for one to four tickets, and gives back every other reservation as soon as the stream has created it. */
    const customer = async (evento: string, number: number) => {
      for (let turn = 0; turn < 4; turn++) {
        const reply = await boletia.ask(evento, ((number + turn) % 4) + 1, `cliente${number}@example.com`)
        if (reply.status !== 200) continue
        const reservation = reply.body as Granted
        granted.push(reservation)
        if ((number + turn) % 2 === 0 && (await boletia.cancelReservation(reservation.Id)) === 200)
          byCustomers.push(reservation.Evento)
      }
    }
    const organizers = async () => {
      const inEvent = () => [
        granted.filter(({ Evento }) => Evento === cancelled).length,
        byCustomers.filter((evento) => evento === cancelled).length,
      ]
      await expect
        .poll(inEvent, { timeout: 60_000, interval: 1 })
        .toEqual([expect.toSatisfy((n: number) => n >= 8), expect.toSatisfy((n: number) => n >= 2)])
      await boletia.cancelEvent(cancelled)
    }
    await Promise.all([
      organizers(),
      ...[stays, slashed, cancelled].flatMap((evento) => Array.from({ length: 12 }, (_, number) => customer(evento, number))),
    ])
    await streams.caughtUp()

    const mails = await streams.mails()
    expect(await violations(db, granted, mails)).toEqual([])
    // The load was mixed: each event has reservations in each state that it can have.
    const states = async (evento: string) => new Set(await db.collection('reservas').distinct('estado', { evento }))
    expect([await states(stays), await states(slashed), await states(cancelled)]).toEqual([
      new Set(['A', 'X']),
      new Set(['A', 'X']),
      new Set(['C', 'X']),
    ])

    // The checker can fail: each of these is found.
    await db.collection('inventario').updateOne({ nombre: stays }, { $inc: { disponible: 1 } })
    expect(await violations(db, granted, mails)).toEqual([expect.stringMatching(/^Concierto: \d+ left \+ \d+ reserved ≠ 60$/)])
    await db.collection('inventario').updateOne({ nombre: stays }, { $inc: { disponible: -1 } })
    expect(await violations(db, granted, mails.slice(1))).toEqual([expect.stringMatching(/^missing mail: /)])
    expect(await violations(db, granted.slice(1), mails)).toEqual([expect.stringMatching(/^unexpected reservation: /)])
  },
)

/** Both services over HTTP and the four streams, on one database. */
async function startBoletia() {
  const database = await testDatabase(inject('mongoUri'))
  const { client, db, uri, name } = database
  const eventos = await startService(eventosService, { ...options, uri })
  const reservas = await startService(reservasService, { ...options, uri })
  const streams = await startStreams(client, name)
  const expectOk = async (method: string, url: string, body?: object) => {
    const reply = await send(method, url, body)
    expect(reply).toMatchObject({ status: 200 })
    return reply.body
  }
  const ask = (evento: string, cantidad: number, email: string) =>
    send('POST', `${reservas.url}/reservas`, { evento, cantidad, email })
  return {
    db,
    streams,
    ask,
    create: (nombre: string, capacidad: number) =>
      expectOk('POST', `${eventos.url}/eventos`, { nombre, capacidad, categoria: 'c' }),
    cancelEvent: (nombre: string) => expectOk('DELETE', `${eventos.url}/eventos/${encodeURIComponent(nombre)}`),
    reserve: async (evento: string, cantidad: number, email: string): Promise<Granted> =>
      (await expectOk('POST', `${reservas.url}/reservas`, { evento, cantidad, email })) as Granted,
    /** The status once the reservation exists: 200, or 409 when the organizers were first. */
    async cancelReservation(Id: string): Promise<number> {
      let status = 404
      await expect
        .poll(async () => (status = (await send('DELETE', `${reservas.url}/reservas/${Id}`)).status), {
          timeout: 60_000,
          interval: 5,
        })
        .not.toBe(404)
      return status
    },
    left: async (nombre: string) =>
      ((await expectOk('GET', `${reservas.url}/reservas/inventario/${encodeURIComponent(nombre)}`)) as { Disponible: number })
        .Disponible,
    stateOf: async (Id: string) => ((await expectOk('GET', `${reservas.url}/reservas/${Id}`)) as { Estado: string }).Estado,
    async [Symbol.asyncDispose]() {
      await streams[Symbol.asyncDispose]()
      await Promise.all([eventos.drain(), reservas.drain()])
      await database[Symbol.asyncDispose]()
    },
  }
}
