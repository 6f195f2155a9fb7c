import { changeBuilder } from '@boletia/streams-core/testing'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { Reserva } from '../../src/index.js'
import { mailOf } from '../../src/streamNotificacion/mailOf.js'

const _id = new ObjectId('65f0c0ffee0123456789abcd')
const reserva: Reserva = { _id, evento: 'Ópera «Ñ»', email: 'ana@example.org', cantidad: 3, estado: 'A' }
const change = changeBuilder<Reserva>({ collection: 'reservas' })
const token = '826B01A3000000012B0229296E04'
const start = 'Su reserva 65f0c0ffee0123456789abcd de 3 boletos para el evento Ópera «Ñ»'

test('the three texts, to the letter', () => {
  const common = { id: _id.toHexString(), token, to: 'ana@example.org', subject: 'Boletia: reserva 65f0c0ffee0123456789abcd' }
  expect(mailOf(change.insert(reserva), token)).toEqual({ ...common, estado: 'A', text: `${start} está confirmada` })
  expect(mailOf(change.update(reserva, { estado: 'X' }), token)).toEqual({
    ...common,
    estado: 'X',
    text: `${start} fue cancelada a petición suya`,
  })
  expect(mailOf(change.update(reserva, { estado: 'C' }), token)).toEqual({
    ...common,
    estado: 'C',
    text: `${start} fue cancelada, el evento fue suspendido por los organizadores`,
  })
})

test('one ticket is "boletos" too', () => {
  expect(mailOf(change.insert({ ...reserva, cantidad: 1 }), token)).toMatchObject({
    text: expect.stringContaining(' de 1 boletos para '),
  })
})

test('the state is the one of the change, whatever the document has become', () => {
  expect(mailOf(change.update(reserva, { estado: 'X' }, { fullDocument: { ...reserva, estado: 'C' } }), token)).toMatchObject({
    estado: 'X',
  })
})

test.each([
  ['an update of something else', change.update({ ...reserva, estado: 'X' }, { email: 'x@example.org' }), 'no state to tell of'],
  [
    'a reservation that is gone',
    change.update(reserva, { estado: 'X' }, { fullDocument: null }),
    'the reservation is gone: nobody to write to',
  ],
  [
    'an address that would write headers',
    change.insert({ ...reserva, email: 'a@example.org\r\nBcc: b@example.org' }),
    'the reservation has no usable e-mail address',
  ],
  ['no address', change.insert({ ...reserva, email: undefined as never }), 'the reservation has no usable e-mail address'],
  ['a delete', change.delete(reserva), 'neither an insert nor an update'],
])('%s makes no mail, and the reason holds no personal data', (_, silent, reason) => {
  expect(mailOf(silent, token)).toEqual({ skipped: reason })
})
