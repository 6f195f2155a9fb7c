import { changeBuilder } from '@boletia/streams-core/testing'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { Inventario } from '../../src/index.js'
import { project } from '../../src/streamInventario/project.js'

const reserva = { _id: new ObjectId(), email: 'ana@example.org', cantidad: 3 }
const inventario: Inventario = { _id: new ObjectId(), nombre: 'Concierto', disponible: 27, categoria: 'música', estado: 'A' }
const change = changeBuilder<Inventario>({ collection: 'inventario' })

test('a reservation request becomes a reservation with its _id, from the change and not from the document', () => {
  const later = { ...inventario, reserva: { _id: new ObjectId(), email: 'luis@example.org', cantidad: 1 } }
  const document = { _id: reserva._id, evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' }
  expect(project(change.update(inventario, { disponible: 27, reserva }, { fullDocument: later }))).toEqual([
    {
      target: 'reservas',
      updateOne: { filter: { _id: reserva._id }, update: { $setOnInsert: document }, upsert: true },
      guard: { kind: 'insertOnce', filter: { _id: reserva._id } },
    },
  ])
})

test('a cancelled event cancels all its active reservations in one mass update', () => {
  expect(project(change.update(inventario, { estado: 'C' }))).toEqual([
    {
      target: 'reservas',
      updateMany: { filter: { $and: [{ evento: 'Concierto' }, { estado: 'A' }] }, update: { $set: { estado: 'C' } } },
      guard: { kind: 'transition', filter: { evento: 'Concierto' } },
    },
  ])
})

test('a request and a cancellation in one update are inserted, then cancelled', () => {
  expect(project(change.update(inventario, { reserva, estado: 'C' })).map((write) => Object.keys(write)[1])).toEqual([
    'updateOne',
    'updateMany',
  ])
})

test.each([
  ['an insert', change.insert({ ...inventario, reserva })],
  ['tickets that come back', change.update({ ...inventario, reserva }, { disponible: 30, token: '82' })],
  ['a correction inside the latest request', change.update({ ...inventario, reserva }, { 'reserva.email': 'ana@example.com' })],
  ['a request that was cleared', change.update({ ...inventario, reserva }, { reserva: null as never })],
  ['another update of a closed inventory', change.update({ ...inventario, estado: 'C' }, { categoria: 'teatro' })],
])('%s is ignored', (_, ignored) => {
  expect(project(ignored)).toEqual([])
})

test('a request written by parts is refused, never guessed; nobody’s address is in the message', () => {
  const byParts = { 'reserva._id': reserva._id, 'reserva.email': reserva.email, disponible: 26 }
  expect(() => project(change.update({ ...inventario, reserva }, byParts))).toThrow(
    /^A reservation request was written by parts: (?!.*@).*Write reserva whole/,
  )
})

test('without the inventory document the event is unknown: an error, so that nothing is lost', () => {
  for (const fields of [{ reserva }, { estado: 'C' as const }]) {
    expect(() => project(change.update(inventario, fields, { fullDocument: null }))).toThrow(
      /The inventory document is gone.*restore it/,
    )
  }
})
