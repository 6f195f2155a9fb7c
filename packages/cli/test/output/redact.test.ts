import { inspect } from 'node:util'
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

  test('of a proxy goes from a connection string, and from whatever else is told about it', () => {
    const redactor = createRedactor()
    expect(redactor.text('mongodb://h:27017/?proxyHost=p&proxyPassword=hunt@er2&tls=true')).toBe(
      'mongodb://h:27017/?proxyHost=p&proxyPassword=***&tls=true',
    )
    redactor.hideUri('mongodb://h:27017/?proxyHost=p&proxypassword=hunt%40er2&tls=true')
    expect(redactor.text('the proxy at h:27017 refused hunt%40er2, which is hunt@er2')).toBe(
      'the proxy at h:27017 refused ***, which is ***',
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
    const scoped =
      'at file:///srv/node_modules/.pnpm/@socket.io+parser@3.1.2/node_modules/@socket.io/parser/index.js:1:2, of @socket.io/parser'
    expect(redactor.text(scoped)).toBe(scoped)
  })

  test.each(
    'josé.pérez@correo.es info@peña.es ana*x@correo.es o’higgins@correo.es 安娜@例子.中国 jose\u0301@correo.es a/b=c@correo.es x@ejemplo.xn--p1ai'.split(
      ' ',
    ),
  )('an e-mail address goes whole whatever its letters: %s', (address) => {
    const { text } = createRedactor()
    expect(text(address)).toBe('[redacted]')
    expect(text(`no mail to ${address}, nor <${address}>.`)).toBe('no mail to [redacted], nor <[redacted]>.')
    expect(text(inspect({ to: address, n: 7 }))).toBe("{ to: '[redacted]', n: 7 }")
    expect(text(JSON.stringify({ to: address }))).toBe('{"to":"[redacted]"}')
  })

  test('an e-mail address goes from a URL, and from the keys of a document or a log record; the command’s own keys stay', () => {
    const redactor = createRedactor()
    expect(redactor.text('GET /boletos?de=ana%40correo.es failed')).toBe('GET [redacted] failed')
    expect(redactor.document({ porCorreo: { 'ana@correo.es': 2 } })).toEqual({ porCorreo: { '[redacted]': 2 } })
    expect(redactor.strings({ 'ana@correo.es': 2 })).toEqual({ 'ana@correo.es': 2 })
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

  test('the values of a duplicate key go, also with documents, brackets, quotes and line breaks in them, which the server does not escape', () => {
    const told = (values: string) =>
      createRedactor().text(`E11000 duplicate key error index: a_1 dup key: ${values}\n    at x.js:1 { code: 11000 }`)
    const clean = told('{ nombre: "Ana" }')
    expect(clean).toBe('E11000 duplicate key error index: a_1 dup key: { [redacted] }\n    at x.js:1 { code: 11000 }')
    expect(told('{ cliente: { dni: "12345678Z", de: { n: 1 } }, nombre: "Ana Ruiz" }')).toBe(clean)
    expect(told('{ nombre: "Ana "la} rubia" Ruiz\nsegunda", n: 7 }')).toBe(clean)
    expect(told(`{ nombre: "Ana O'Donnell }" }`)).toBe(clean)
  })

  test('the values of a duplicate key go from the driver’s error as a handler logs it: inspected, as JSON, as a record', () => {
    const message = 'E11000 duplicate key error index: dni_1 dup key: { de: { n: 1 }, dni: "12345678Z" }'
    const values = { keyPattern: { 'de.n': 1, dni: 1 }, keyValue: { de: { n: 1 }, dni: '12345678Z' } }
    const op = { _id: 1, dni: '12345678Z' }
    const error = Object.assign(new Error(message), { errorResponse: { errmsg: message, ...values }, ...values })
    const record = {
      err: { message, errorResponse: error.errorResponse, ...values },
      writeErrors: [{ code: 11000, errmsg: message, op }],
      op: 'insert',
    }
    const redactor = createRedactor()
    redactor.hideFields(['email'])
    for (const told of [
      inspect(error),
      redactor.text(JSON.stringify(values)),
      inspect(redactor.document(record), { depth: 9 }),
    ]) {
      expect(told).toContain('dni')
      expect(redactor.text(told)).not.toContain('12345678Z')
    }
    expect(redactor.document(record)).toMatchObject({ err: { keyPattern: { dni: 1 }, keyValue: '[redacted]' }, op: 'insert' })
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

  test('what an update sets inside of a configured document or array goes with it', () => {
    const redactor = createRedactor()
    redactor.hideFields(['direccion', 'telefonos'])
    const updatedFields = { 'direccion.calle': 'Calle Secreta 7', 'clientes.0.telefonos.1': '699999999', n: 7 }
    const clean = { 'direccion.calle': '[redacted]', 'clientes.0.telefonos.1': '[redacted]', n: 7 }
    expect(redactor.document({ updatedFields })).toEqual({ updatedFields: clean })
    expect(redactor.text(JSON.stringify(updatedFields))).toBe(JSON.stringify(clean))
    expect(redactor.text('direccion.calle=Secreta telefonos[1]: 699999999 midireccion.calle=x')).toBe(
      'direccion.calle=[redacted] telefonos[1]: [redacted] midireccion.calle=x',
    )
  })

  test('a configured document or array goes whole from text: inspected, as JSON, JSON in JSON, over lines, with brackets in its strings', () => {
    const redactor = createRedactor()
    redactor.hideFields(['direccion', 'telefonos'])
    class Direccion {
      calle = 'secreta } 7'
      cp = 'secreto'
    }
    const long = Array.from({ length: 30 }, (_, n) => `secreto ${n} ]'"`)
    const given = {
      direccion: { calle: `secreta "7' } 7`, de: { cp: 'secreto' } },
      telefonos: long,
      mas: [{ direccion: new Direccion(), telefonos: new Map([['secreto', { x: 'secreto' }]]), fin: 7 }],
    }
    const nested = JSON.stringify({ nota: JSON.stringify(given) })
    for (const text of [inspect(given, { depth: 9 }), JSON.stringify(given), JSON.stringify(given, null, 2), nested]) {
      const told = redactor.text(text)
      expect(told).not.toMatch(/secret/)
      expect(told).toMatch(/telefonos/)
    }
    expect(redactor.text(inspect(given, { depth: 9 }))).toContain('fin: 7')
    expect(JSON.parse((JSON.parse(redactor.text(nested)) as { nota: string }).nota)).toMatchObject({
      direccion: '[redacted]',
      mas: [{ direccion: '[redacted]' }],
    })
  })

  test('of a text that was cut short nothing comes after a configured field', () => {
    const redactor = createRedactor()
    redactor.hideFields(['direccion', 'nombre'])
    expect(redactor.text(`a: 1, direccion: {\n calle: 'Gran Via 1',\n cp: '280`)).toBe('a: 1, direccion: [redacted]')
    expect(redactor.text(`nombre: "Ana Ruiz\n  at x.js:1`)).toBe('nombre: "[redacted]"\n  at x.js:1')
  })

  test('a long text takes no longer than its length asks for', () => {
    const redactor = createRedactor()
    redactor.hideFields(['nombre'])
    const values = [
      'nombre',
      'nombre.',
      'nombre: {',
      'nombre: <',
      `nombre: '\n`,
      'nombre: \\',
      '\\',
      `{ "`,
      'nombre: "a" + ',
      '[0]',
    ]
    const others = ['a-', 'a.', 'a@', 'x@a.', "'", '/', 'é', ':', 'a://', 'a://b@', 'dup key: {', 'proxyPassword=']
    const slow = [...values, ...others].filter((piece) => {
      const many = piece.repeat(20_000)
      const started = performance.now()
      for (const text of [many, `nombre: {${many}`, `dup key: {${many}`, `a@${many}`, `x://${many}`]) redactor.text(text)
      // By far: what goes through it once a letter takes a minute.
      return performance.now() - started > 5000
    })
    expect(slow).toEqual([])
  }, 120_000)

  test('a configured field does not cut the command’s own JSON, whose keys are a contract', () => {
    const redactor = createRedactor()
    redactor.hideFields(['name'])
    const at = new Date(0)
    expect(redactor.strings({ name: 'streamReserva', at, rev: 7 })).toEqual({ name: 'streamReserva', at, rev: 7 })
  })
})
