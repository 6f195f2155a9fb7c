import { expect, test } from 'vitest'
import { transition, unguarded } from '../../src/guards/index.js'

const refused = (message: RegExp) => expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })
const cancel = { target: 'reservas', filter: { evento: 'Concierto' }, field: 'estado', from: 'A', to: 'C' }

test('a transition asks for the state it leaves', () => {
  expect(transition({ ...cancel, set: { motivo: 'lluvia' } })).toEqual({
    target: 'reservas',
    updateOne: {
      filter: { $and: [{ evento: 'Concierto' }, { estado: 'A' }] },
      update: { $set: { motivo: 'lluvia', estado: 'C' } },
    },
    guard: { kind: 'transition', filter: { evento: 'Concierto' } },
  })
})

test('many makes it a mass update; the state is kept in `state` unless the caller says where', () => {
  expect(transition({ target: 't', filter: {}, from: 1, to: 2, many: true })).toEqual({
    target: 't',
    updateMany: { filter: { $and: [{}, { state: 1 }] }, update: { $set: { state: 2 } } },
    guard: { kind: 'transition', filter: {} },
  })
})

test.each([
  ['an undefined filter value', { filter: { evento: undefined } }, /filter\.evento is undefined/],
  ['an undefined filter value of a mass update', { filter: { evento: undefined }, many: true }, /filter\.evento is undefined/],
  ['an empty filter', { filter: {} }, /filter is empty/],
  ['the same state', { to: 'A' }, /the same state/],
  ['a filter on the state', { filter: { evento: 'x', estado: 'A' } }, /filter names "estado"/],
  ['a set of the state', { set: { estado: 'X' } }, /set names "estado"/],
])('%s is refused', (_, options, message) => {
  expect(() => transition({ ...cancel, ...options })).toThrow(refused(message))
})

test('unguarded marks hand-written writes of every kind and no guarded one', () => {
  const filter = { _id: 1 }
  expect(unguarded({ target: 't', deleteOne: { filter } })).toEqual({
    target: 't',
    deleteOne: { filter },
    guard: { kind: 'unguarded', filter },
  })
  expect(unguarded({ target: 't', updateOne: { filter, update: {} } }).guard?.filter).toBe(filter)
  expect(unguarded({ target: 't', updateMany: { filter, update: {} } }).guard?.filter).toBe(filter)
  expect(unguarded({ target: 't', replaceOne: { filter, replacement: {} } }).guard?.filter).toBe(filter)
  expect(unguarded({ target: 't', insertOne: { document: {} } }).guard?.filter).toEqual({})
  expect(() => unguarded(transition(cancel))).toThrow(refused(/guarded already \(transition\)/))
})
