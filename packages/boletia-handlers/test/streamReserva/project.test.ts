import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { type Reserva, streamReserva } from '../../src/index.js'
import { project } from '../../src/streamReserva/project.js'
import { inserted, token, updated } from '../changes.js'

const reserva: Reserva = { _id: new ObjectId(), evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'X' }
const context = { stream: 'streamReserva', token }

test('a cancelled reservation gives its tickets back to the active event, guarded by token', () => {
  expect(project(updated({ estado: 'X' }, reserva), context)).toEqual([
    {
      target: 'inventario',
      updateOne: {
        filter: { $and: [{ nombre: 'Concierto', estado: 'A' }, { $or: [{ token: null }, { token: { $lt: token } }] }] },
        update: { $inc: { disponible: 3 }, $set: { token } },
      },
      guard: { kind: 'ordered', filter: { nombre: 'Concierto', estado: 'A' } },
    },
  ])
})

test('later updates of a cancelled reservation, other states and inserts give nothing back', () => {
  expect(project(updated({ email: 'ana@example.com' }, reserva), context)).toEqual([])
  expect(project(updated({ estado: 'C' }, { ...reserva, estado: 'C' }), context)).toEqual([])
  expect(project(inserted(reserva), context)).toEqual([])
})

test('a reservation that is gone is an error, so that its tickets are not lost in silence', () => {
  expect(() => project(updated<Reserva>({ estado: 'X' }, null), context)).toThrow(/The cancelled reservation is gone.*restore it/)
})

test('changes are kept in order by event; without a document the key is unknown', () => {
  const { key, delivery } = streamReserva()
  expect(key(updated({ estado: 'X' }, reserva))).toBe('Concierto')
  expect(key(updated<Reserva>({ estado: 'X' }, null))).toBeUndefined()
  expect(delivery).toBe('bulk')
})
