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

test('an update names its fields by their paths, and so may a list of names: the last name of each counts', () => {
  const update = {
    updateDescription: { updatedFields: { 'clientes.0.email': 'ana', 'clientes.0.n': 1 } },
    cliente: { email: 'ana' },
  }
  expect(redacted(update, ['cliente.email'])).toEqual({
    updateDescription: { updatedFields: { 'clientes.0.email': '[redacted]', 'clientes.0.n': 1 } },
    cliente: { email: '[redacted]' },
  })
})
