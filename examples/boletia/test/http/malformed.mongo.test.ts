import { connect } from 'node:net'
import { expect, inject, test } from 'vitest'
import { refused, send, sendRaw } from '../support/http.js'
import { startEventos, startReservas } from '../support/services.js'

const json = { 'content-type': 'application/json' }
const concert = JSON.stringify({ nombre: 'Concierto', capacidad: 30, categoria: 'música' })

test('a body that is not JSON is 400, never 500, and nothing is written', async () => {
  await using eventos = await startEventos(inject('mongoUri'))
  const bodies: readonly RequestInit[] = [
    { headers: json, body: '{oops' },
    { headers: json, body: '' },
    { headers: json, body: `${concert}}` },
    { headers: json, body: `{"__proto__":{"a":1},${concert.slice(1)}` },
    {
      headers: json,
      body: new Uint8Array([
        ...new TextEncoder().encode('{"nombre":"'),
        0xff,
        ...new TextEncoder().encode('","capacidad":1,"categoria":"c"}'),
      ]),
    },
    { headers: json, body: '['.repeat(10_000) },
    { headers: json },
    { headers: { 'content-type': 'text/plain' }, body: concert },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: concert },
    { headers: { 'content-type': 'application/xml' }, body: '<nombre/>' },
    { headers: { 'content-type': ';' }, body: concert },
    { body: new Blob([concert]) },
    {},
  ]
  for (const init of bodies) {
    expect([init, refused(await sendRaw('POST', `${eventos.url}/eventos`, init))]).toEqual([init, [400, 'INVALID_INPUT']])
  }
  expect(await eventos.eventos.countDocuments()).toBe(0)
})

test('a body of 16 KiB is accepted, one more byte is 413, also when its length is not announced', async () => {
  await using eventos = await startEventos(inject('mongoUri'))
  const bodyOf = (bytes: number) => {
    const body = JSON.stringify({ nombre: 'x', capacidad: 1, categoria: 'c' })
    return body.replace('"c"', `"${'c'.repeat(bytes - body.length + 1)}"`)
  }
  const tooLarge = bodyOf(16 * 1024 + 1)
  expect(refused(await sendRaw('POST', `${eventos.url}/eventos`, { headers: json, body: tooLarge }))).toEqual([
    413,
    'PAYLOAD_TOO_LARGE',
  ])
  const unannounced = { headers: json, body: new Blob([tooLarge]).stream(), duplex: 'half' } as RequestInit
  expect(refused(await sendRaw('POST', `${eventos.url}/eventos`, unannounced))).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  expect(await eventos.eventos.countDocuments()).toBe(0)
  expect((await sendRaw('POST', `${eventos.url}/eventos`, { headers: json, body: bodyOf(16 * 1024) })).status).toBe(200)
})

test('a DELETE with a JSON content type and no body is a DELETE', async () => {
  await using eventos = await startEventos(inject('mongoUri'))
  await sendRaw('POST', `${eventos.url}/eventos`, {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: concert,
  })
  expect((await sendRaw('DELETE', `${eventos.url}/eventos/Concierto`, { headers: json })).status).toBe(200)
})

test('a malformed percent escape is 400, an unknown route or method 404, in the same shape', async () => {
  await using reservas = await startReservas(inject('mongoUri'))
  for (const path of ['/reservas/%zz', '/reservas/%', '/reservas/a%C3/b', '/reservas/inventario/%E0%A4%A', '/%ff']) {
    expect([path, refused(await send('GET', `${reservas.url}${path}`))]).toEqual([path, [400, 'INVALID_INPUT']])
  }
  const unknown = [
    ['GET', '/'],
    ['GET', '/reservas'],
    ['GET', '/eventos'],
    ['PUT', '/reservas'],
    ['PATCH', `/reservas/${'a'.repeat(24)}`],
    ['DELETE', '/reservas/inventario/x'],
    ['GET', '/reservas/a/b@example.com/c'],
  ] as const
  for (const [method, path] of unknown) {
    expect([method, path, refused(await send(method, `${reservas.url}${path}`))]).toEqual([method, path, [404, 'NOT_FOUND']])
  }
})

test('what is no HTTP at all, and headers too long to read, are answered in the same shape and not logged', async () => {
  await using reservas = await startReservas(inject('mongoUri'))
  const port = Number(new URL(reservas.url).port)
  const garbage = await exchange(port, 'ana@example.com\r\n\r\n')
  expect(garbage).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(JSON.parse(garbage.slice(garbage.indexOf('{')))).toEqual({
    error: { code: 'INVALID_INPUT', message: 'the request is not valid HTTP' },
  })
  const long = await exchange(port, `GET /reservas/x/ana@example.com${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect(long).toMatch(/^HTTP\/1\.1 431 /)
  expect(JSON.parse(long.slice(long.indexOf('{')))).toEqual({
    error: { code: 'INVALID_INPUT', message: 'the path or the headers are too long' },
  })
  expect(reservas.log.join('')).not.toContain('example.com')
})

function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}
