import { expect, test } from 'vitest'
import { redacted } from '../../src/core/redacted.js'

test('the fields of these names lose their values, at any depth; what is no document or array stays as it is', () => {
  const at = new Date(0)
  expect(redacted({ a: [{ email: { x: 1 }, n: 7 }], at, b: null, email: 'ana' }, ['email'])).toEqual({
    a: [{ email: '[redacted]', n: 7 }],
    at,
    b: null,
    email: '[redacted]',
  })
})

test('an update names its fields by their paths, and so may a list of names: of those the last name counts', () => {
  const update = {
    updateDescription: { updatedFields: { 'clientes.0.email': 'ana', 'clientes.0.n': 1 } },
    cliente: { email: 'ana' },
  }
  expect(redacted(update, ['cliente.email'])).toEqual({
    updateDescription: { updatedFields: { 'clientes.0.email': '[redacted]', 'clientes.0.n': 1 } },
    cliente: { email: '[redacted]' },
  })
})

test('what an update sets inside of a named document or array goes with it', () => {
  const updatedFields = { 'direccion.calle': 'Calle Secreta 7', 'clientes.0.telefonos.1': '699999999', n: 7 }
  expect(redacted({ updatedFields }, ['direccion', 'telefonos'])).toEqual({
    updatedFields: { 'direccion.calle': '[redacted]', 'clientes.0.telefonos.1': '[redacted]', n: 7 },
  })
})
