import { changeBuilder } from '@boletia/streams-core/testing'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { type Reserva, streamReserva } from '../../src/index.js'
import { project } from '../../src/streamReserva/project.js'

const reserva: Reserva = { _id: new ObjectId(), evento: 'Concierto', email: 'ana@example.org', cantidad: 3, estado: 'A' }
const change = changeBuilder<Reserva>({ collection: 'reservas' })
const token = '826B01A3000000012B0229296E04'
const context = { stream: 'streamReserva', token }

test('a cancelled reservation gives its tickets back to the active event, guarded by token', () => {
  expect(project(change.update(reserva, { estado: 'X' }), context)).toEqual([
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
  expect(project(change.update({ ...reserva, estado: 'X' }, { email: 'ana@example.com' }), context)).toEqual([])
  expect(project(change.update(reserva, { estado: 'C' }), context)).toEqual([])
  expect(project(change.insert(reserva), context)).toEqual([])
})

test('a reservation that is gone is an error, so that its tickets are not lost in silence', () => {
  expect(() => project(change.update(reserva, { estado: 'X' }, { fullDocument: null }), context)).toThrow(
    /The cancelled reservation is gone.*restore it/,
  )
})

test('changes are kept in order by event; without a document the key is unknown', () => {
  const { key, delivery } = streamReserva()
  expect(key(change.update(reserva, { estado: 'X' }))).toBe('Concierto')
  expect(key(change.update(reserva, { estado: 'X' }, { fullDocument: null }))).toBeUndefined()
  expect(delivery).toBe('bulk')
})
