import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { Reserva } from '../../src/index.js'
import { mailOf } from '../../src/streamNotificacion/mailOf.js'
import { deleted, inserted, token, updated } from '../changes.js'

const _id = new ObjectId('65f0c0ffee0123456789abcd')
const reserva: Reserva = { _id, evento: 'Ópera «Ñ»', email: 'ana@example.org', cantidad: 3, estado: 'A' }
const start = 'Su reserva 65f0c0ffee0123456789abcd de 3 boletos para el evento Ópera «Ñ»'

test('the three texts, to the letter', () => {
  const common = { id: _id.toHexString(), token, to: 'ana@example.org', subject: 'Boletia: reserva 65f0c0ffee0123456789abcd' }
  expect(mailOf(inserted(reserva), token)).toEqual({ ...common, estado: 'A', text: `${start} está confirmada` })
  expect(mailOf(updated({ estado: 'X' }, reserva), token)).toEqual({
    ...common,
    estado: 'X',
    text: `${start} fue cancelada a petición suya`,
  })
  expect(mailOf(updated({ estado: 'C' }, reserva), token)).toEqual({
    ...common,
    estado: 'C',
    text: `${start} fue cancelada, el evento fue suspendido por los organizadores`,
  })
})

test('one ticket is "boletos" too', () => {
  expect(mailOf(inserted({ ...reserva, cantidad: 1 }), token)).toMatchObject({
    text: expect.stringContaining(' de 1 boletos para '),
  })
})

test('the state is the one of the change, whatever the document has become', () => {
  expect(mailOf(updated({ estado: 'X' }, { ...reserva, estado: 'C' }), token)).toMatchObject({ estado: 'X' })
})

test.each([
  [
    'an update of something else',
    updated<Reserva>({ email: 'x@example.org' }, { ...reserva, estado: 'X' }),
    'no state to tell of',
  ],
  ['a reservation that is gone', updated<Reserva>({ estado: 'X' }, null), 'the reservation is gone: nobody to write to'],
  [
    'an address that would write headers',
    inserted<Reserva>({ ...reserva, email: 'a@example.org\r\nBcc: b@example.org' }),
    'the reservation has no usable e-mail address',
  ],
  ['no address', inserted<Reserva>({ ...reserva, email: undefined as never }), 'the reservation has no usable e-mail address'],
  ['a delete', deleted<Reserva>(), 'neither an insert nor an update'],
])('%s makes no mail, and the reason holds no personal data', (_, change, reason) => {
  expect(mailOf(change, token)).toEqual({ skipped: reason })
})
