import { describe, expect, test } from 'vitest'
import { createRedactor } from '../../src/output/redact.js'

const password = 's3cr3t/p@ss'
const uri = 'mongodb://ana:s3cr3t%2Fp%40ss@db.example.com:27017/boletia?replicaSet=rs0'

describe('a password', () => {
  test('is masked wherever it stands: in the URI, alone, decoded, and as the driver cuts it when it was not encoded', () => {
    const redactor = createRedactor()
    redactor.hideUri(uri)
    redactor.hideUri(`mongodb://ana:${password}@db.example.com/boletia`)
    const told = redactor.text(
      `cannot connect to ${uri}; tried ${password} and s3cr3t%2Fp%40ss; host p@ss unknown, ENOTFOUND s3cr3t`,
    )
    expect(told).not.toMatch(/s3cr3t|p@ss|p%40ss/)
    expect(told).toContain('mongodb://***@db.example.com:27017/boletia?replicaSet=rs0')
  })

  test('of any other connection string is masked without having been seen before', () => {
    expect(createRedactor().text('smtp://user:hunter2@mail.example.com:587 failed')).toBe(
      'smtp://***@mail.example.com:587 failed',
    )
  })

  test('that is also a word of the command itself does not break its commands', () => {
    const redactor = createRedactor()
    redactor.hideUri('mongodb://boletia:boletia@127.0.0.1/boletia')
    expect(redactor.text('boletia-streams list')).toBe('boletia-streams list')
    expect(redactor.text('mongodb://boletia:boletia@127.0.0.1/boletia')).toBe('mongodb://***@127.0.0.1/boletia')
  })

  test('of a TLS key, and a session token, go from a query string', () => {
    expect(createRedactor().text('?tlsCertificateKeyFilePassword=abc&authMechanismProperties=AWS_SESSION_TOKEN:xyz')).toBe(
      '?tlsCertificateKeyFilePassword=***&authMechanismProperties=AWS_SESSION_TOKEN:***',
    )
  })
})

describe('personal data', () => {
  test('an e-mail address goes from any text; a package in a stack trace stays', () => {
    const redactor = createRedactor()
    expect(redactor.text('no mail to ana.lopez+x@correo.example.com.')).toBe('no mail to [redacted].')
    const frame = 'at file:///srv/node_modules/.pnpm/p-retry@7.1.1/node_modules/p-retry/index.js:197:25'
    expect(redactor.text(frame)).toBe(frame)
    expect(redactor.text('by root@vm')).toBe('by root@vm')
  })

  test('a configured field goes from text in whatever way it is written', () => {
    const redactor = createRedactor()
    redactor.hideFields(['telefono', 'cliente.nombre'])
    expect(redactor.text(`telefono: "55 1", "telefono":"55 2", telefono=553 'nombre': 'Ana' miTelefono: 7`)).toBe(
      `telefono: "[redacted]", "telefono":"[redacted]", telefono=[redacted] 'nombre': '[redacted]' miTelefono: 7`,
    )
  })

  test('the values of a duplicate key go', () => {
    expect(createRedactor().text('E11000 duplicate key error index: nombre_1 dup key: { nombre: "Ana" }')).toBe(
      'E11000 duplicate key error index: nombre_1 dup key: { [redacted] }',
    )
  })

  test('a configured field goes whole from a document, at any depth', () => {
    const redactor = createRedactor()
    redactor.hideFields(['email'])
    expect(redactor.document({ a: [{ email: { x: 1 }, n: 7 }], b: 'to ana@example.com' })).toEqual({
      a: [{ email: '[redacted]', n: 7 }],
      b: 'to [redacted]',
    })
    // As an update has it.
    expect(redactor.document({ updatedFields: { 'clientes.0.email': { x: 1 } } })).toEqual({
      updatedFields: { 'clientes.0.email': '[redacted]' },
    })
  })

  test('a configured field does not cut the command’s own JSON, whose keys are a contract', () => {
    const redactor = createRedactor()
    redactor.hideFields(['name'])
    const at = new Date(0)
    expect(redactor.strings({ name: 'streamReserva', at, rev: 7 })).toEqual({ name: 'streamReserva', at, rev: 7 })
  })
})
