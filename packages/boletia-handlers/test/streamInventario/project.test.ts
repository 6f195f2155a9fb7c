import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { Inventario } from '../../src/index.js'
import { project } from '../../src/streamInventario/project.js'
import { inserted, updated } from '../changes.js'

const reserva = { _id: new ObjectId(), email: 'ana@example.org', cantidad: 3 }
const inventario: Inventario = { _id: new ObjectId(), nombre: 'Concierto', disponible: 27, categoria: 'música', estado: 'A' }

test('a reservation request becomes a reservation with its _id, from the change and not from the document', () => {
  const later = { ...inventario, reserva: { _id: new ObjectId(), email: 'luis@example.org', cantidad: 1 } }
  const document = { _id: reserva._id, evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' }
  expect(project(updated({ disponible: 27, reserva }, later))).toEqual([
    {
      target: 'reservas',
      updateOne: { filter: { _id: reserva._id }, update: { $setOnInsert: document }, upsert: true },
      guard: { kind: 'insertOnce', filter: { _id: reserva._id } },
    },
  ])
})

test('a cancelled event cancels all its active reservations in one mass update', () => {
  expect(project(updated({ estado: 'C' }, { ...inventario, estado: 'C' }))).toEqual([
    {
      target: 'reservas',
      updateMany: { filter: { $and: [{ evento: 'Concierto' }, { estado: 'A' }] }, update: { $set: { estado: 'C' } } },
      guard: { kind: 'transition', filter: { evento: 'Concierto' } },
    },
  ])
})

test('a request and a cancellation in one update are inserted, then cancelled', () => {
  expect(project(updated({ reserva, estado: 'C' }, inventario)).map((write) => Object.keys(write)[1])).toEqual([
    'updateOne',
    'updateMany',
  ])
})

test.each([
  ['an insert', inserted({ ...inventario, reserva })],
  ['tickets that come back', updated({ disponible: 30, token: '82' }, { ...inventario, reserva })],
  ['a correction inside the latest request', updated({ 'reserva.email': 'ana@example.com' }, { ...inventario, reserva })],
  ['a request that was cleared', updated({ reserva: null }, inventario)],
  ['another update of a closed inventory', updated({ categoria: 'teatro' }, { ...inventario, estado: 'C' as const })],
])('%s is ignored', (_, change) => {
  expect(project(change)).toEqual([])
})

test('a request written by parts is refused, never guessed; nobody’s address is in the message', () => {
  const change = updated(
    { 'reserva._id': reserva._id, 'reserva.email': reserva.email, disponible: 26 },
    { ...inventario, reserva },
  )
  expect(() => project(change)).toThrow(/^A reservation request was written by parts: (?!.*@).*Write reserva whole/)
})

test('without the inventory document the event is unknown: an error, so that nothing is lost', () => {
  for (const fields of [{ reserva }, { estado: 'C' }]) {
    expect(() => project(updated<Inventario>(fields, null))).toThrow(/The inventory document is gone.*restore it/)
  }
})
