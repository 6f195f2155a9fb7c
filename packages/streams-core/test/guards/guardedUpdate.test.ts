import { expect, test } from 'vitest'
import { guardedInc, guardedUpdate } from '../../src/guards/index.js'
import type { Write } from '../../src/write.js'

const context = { stream: 'streamReserva', token: '8265' }
const inventario = { target: 'inventario', filter: { nombre: 'Concierto' } }
const updateOf = (write: Write) => ('updateOne' in write ? write.updateOne : expect.fail('no updateOne'))
const refused = (message: string | RegExp) =>
  expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })

test('the ordered guard asks for an absent or lower token of its own stream and stores the change’s', () => {
  expect(guardedInc(context, { ...inventario, inc: { disponible: 3 } })).toEqual({
    target: 'inventario',
    updateOne: {
      filter: {
        $and: [{ nombre: 'Concierto' }, { $or: [{ 'tokens.streamReserva': null }, { 'tokens.streamReserva': { $lt: '8265' } }] }],
      },
      update: { $inc: { disponible: 3 }, $set: { 'tokens.streamReserva': '8265' } },
    },
    guard: { kind: 'ordered', filter: { nombre: 'Concierto' } },
  })
})

test('mode "last" asks for a different token, as the original did; field names where it is kept', () => {
  const write = guardedInc(context, { ...inventario, inc: { disponible: 3 }, set: { visto: true }, field: 'token', mode: 'last' })
  expect(updateOf(write)).toEqual({
    filter: { $and: [{ nombre: 'Concierto' }, { token: { $ne: '8265' } }] },
    update: { $inc: { disponible: 3 }, $set: { visto: true, token: '8265' } },
  })
  expect(write.guard?.kind).toBe('last')
})

test('an $or and an $and of the caller’s filter stay as they are', () => {
  const filter = { $or: [{ estado: 'A' }, { estado: 'C' }], $and: [{ disponible: { $gt: 1 } }] }
  const write = guardedUpdate(context, { target: 'inventario', filter, update: { $set: { visto: true } } })
  expect(updateOf(write).filter.$and[0]).toEqual(filter)
  expect(write.guard?.filter).toEqual(filter)
})

test('the token is set by the last stage of an update pipeline', () => {
  const update = [{ $set: { disponible: { $add: ['$disponible', 1] } } }, { $unset: ['viejo'] }]
  const write = guardedUpdate(context, { ...inventario, update })
  expect(updateOf(write).update).toEqual([...update, { $set: { 'tokens.streamReserva': '8265' } }])
  expect(update).toHaveLength(2)
})

test.each([
  ['the field itself', { $set: { 'tokens.streamReserva': 'x' } }],
  ['the document that holds it', { $set: { tokens: {} } }],
  ['a part of it', { $set: { 'tokens.streamReserva.x': 1 } }],
  ['its removal', { $unset: { tokens: '' } }],
  ['a rename onto it', { $rename: { nombre: 'tokens.streamReserva' } }],
  ['a rename of it', { $rename: { tokens: 'viejos' } }],
  ['a stage', [{ $addFields: { tokens: {} } }]],
  ['an $unset stage', [{ $unset: 'tokens' }]],
  ['an $unset stage with a list', [{ $unset: ['nombre', 'tokens.streamReserva'] }]],
])('an update that writes the guard’s field is refused: %s', (_, update) => {
  expect(() => guardedUpdate(context, { ...inventario, update })).toThrow(
    refused(/writes "tokens\.streamReserva".*another `field`/),
  )
})

test('fields that only look alike are not the guard’s field', () => {
  const update = { $set: { tokensX: 1, 'tokens.streamReserva2': 1, 'tokens.otro': 1 } }
  expect(() => guardedUpdate(context, { ...inventario, update })).not.toThrow()
})

test.each([
  ['a replacement', { nombre: 'x' }, /"nombre" is not an update operator/],
  [
    'a stage that replaces the document',
    [{ $replaceWith: { nombre: 'x' } }],
    /\$set, \$addFields and \$unset only, got \$replaceWith/,
  ],
  ['$project', [{ $project: { nombre: 1 } }], /got \$project/],
  ['two operators in a stage', [{ $set: { a: 1 }, $unset: 'b' }], /got \$set, \$unset/],
])('what would drop tokens is refused: %s', (_, update, message) => {
  expect(() => guardedUpdate(context, { ...inventario, update })).toThrow(refused(message))
})

test('undefined anywhere is refused by path, without values', () => {
  expect(() =>
    guardedInc(context, {
      target: 'inventario',
      filter: { nombre: undefined, email: 'ana@example.org' },
      inc: { disponible: 1 },
    }),
  ).toThrow(refused(/^guardedInc on "inventario": filter\.nombre is undefined;(?!.*ana@)/))
  expect(() => guardedInc(context, { ...inventario, inc: { disponible: undefined } })).toThrow(
    refused(/update\.\$inc\.disponible is undefined/),
  )
  expect(() => guardedUpdate({ stream: 's', token: undefined as never }, { ...inventario, update: { $set: {} } })).toThrow(
    refused(/token is undefined/),
  )
})

test('an empty filter, no amount, and amounts that are no numbers are refused', () => {
  expect(() => guardedInc(context, { target: 'inventario', filter: {}, inc: { disponible: 1 } })).toThrow(
    refused(/filter is empty/),
  )
  expect(() => guardedInc(context, { ...inventario, inc: {} })).toThrow(refused(/inc names no field/))
  for (const amount of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => guardedInc(context, { ...inventario, inc: { disponible: amount } })).toThrow(
      refused(/inc\.disponible is not a finite number/),
    )
  }
})

test('a stream name or field that is no plain path asks for another field', () => {
  const update = { $set: { visto: true } }
  expect(() => guardedUpdate({ stream: 'a.b', token: '82' }, { ...inventario, update })).toThrow(
    refused(/"tokens\.a\.b" cannot be the guard's field/),
  )
  expect(() => guardedUpdate({ stream: '$a', token: '82' }, { ...inventario, update })).toThrow(refused(/cannot be/))
  expect(() => guardedUpdate(context, { ...inventario, update, field: 'a..b' })).toThrow(refused(/cannot be/))
  expect(() => guardedUpdate({ stream: 'a.b', token: '82' }, { ...inventario, update, field: 'guard.ab' })).not.toThrow()
})
