import Fastify from 'fastify'
import { describe, expect, inject, test } from 'vitest'
import { formats } from '../../src/http/schemas.js'
import { type Reply, send } from '../support/http.js'
import { inventoryOf, reservationOf, startEventos, startReservas } from '../support/services.js'

interface Operation {
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly required: boolean
    readonly schema: object
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Validate {
  (value: unknown): boolean
  readonly errors?: unknown
}

const health = ['GET /livez', 'GET /readyz']
const unknownId = 'a'.repeat(24)

describe('/openapi.json', () => {
  test('names exactly the routes of the eventos service, and its replies are as it says', async () => {
    await using eventos = await startEventos(inject('mongoUri'))
    const documented = await openapi(eventos.url)
    expect(routesOf(documented)).toEqual(
      new Set([...health, 'DELETE /eventos/{nombre}', 'GET /eventos', 'GET /eventos/{nombre}', 'POST /eventos']),
    )
    const concert = { nombre: 'A / B', capacidad: 3, categoria: 'c' }
    const call = await caller(eventos.url, documented)
    expect(await call('POST', '/eventos', {}, concert)).toBe(200)
    expect(await call('POST', '/eventos', {}, concert)).toBe(409)
    expect(await call('POST', '/eventos', {}, { ...concert, nombre: undefined, evento: 'C' })).toBe(200)
    expect(await call('POST', '/eventos', {}, { ...concert, capacidad: 0 })).toBe(400)
    expect(await call('POST', '/eventos', {}, { ...concert, categoria: 'c'.repeat(20_000) })).toBe(413)
    expect(await call('GET', '/eventos', {})).toBe(200)
    expect(await call('GET', '/eventos/{nombre}', { nombre: 'A / B' })).toBe(200)
    expect(await call('GET', '/eventos/{nombre}', { nombre: 'x' })).toBe(404)
    expect(await call('DELETE', '/eventos/{nombre}', { nombre: 'A / B' })).toBe(200)
    expect(await call('DELETE', '/eventos/{nombre}', { nombre: 'A / B' })).toBe(409)
    expect(await call('DELETE', '/eventos/{nombre}', { nombre: 'x' })).toBe(404)
    expect(await call('GET', '/livez', {})).toBe(200)
    expect(await call('GET', '/readyz', {})).toBe(200)
  })

  test('names exactly the routes of the reservas service, and its replies are as it says', async () => {
    await using reservas = await startReservas(inject('mongoUri'))
    const documented = await openapi(reservas.url)
    expect(routesOf(documented)).toEqual(
      new Set([
        ...health,
        'GET /reservas/inventario',
        'GET /reservas/inventario/{nombre}',
        'GET /reservas/eventos',
        'GET /reservas/eventos/{nombre}',
        'POST /reservas',
        'GET /reservas/{Id}',
        'DELETE /reservas/{Id}',
        'GET /reservas/{evento}/{email}',
      ]),
    )
    await reservas.inventario.insertMany([inventoryOf('A', 2), inventoryOf('B', 2, 'C')])
    const made = reservationOf('A', 'ana@example.com', 1)
    await reservas.reservas.insertOne(made)
    const Id = made._id.toHexString()
    const wanted = { evento: 'A', cantidad: 2, email: 'ana@example.com' }
    const call = await caller(reservas.url, documented)
    for (const path of ['/reservas/inventario', '/reservas/eventos']) {
      expect(await call('GET', path, {})).toBe(200)
      expect(await call('GET', `${path}/{nombre}`, { nombre: 'A' })).toBe(200)
      expect(await call('GET', `${path}/{nombre}`, { nombre: 'x' })).toBe(404)
    }
    expect(await call('POST', '/reservas', {}, wanted)).toBe(200)
    expect(await call('POST', '/reservas', {}, wanted)).toBe(409)
    expect(await call('POST', '/reservas', {}, { ...wanted, evento: 'B' })).toBe(409)
    expect(await call('POST', '/reservas', {}, { ...wanted, evento: 'x' })).toBe(404)
    expect(await call('POST', '/reservas', {}, { ...wanted, email: 'ana' })).toBe(400)
    expect(await call('GET', '/reservas/{Id}', { Id })).toBe(200)
    expect(await call('GET', '/reservas/{Id}', { Id: unknownId })).toBe(404)
    expect(await call('GET', '/reservas/{Id}', { Id: 'x' })).toBe(400)
    expect(await call('GET', '/reservas/{evento}/{email}', { evento: 'A', email: 'ana@example.com' })).toBe(200)
    expect(await call('GET', '/reservas/{evento}/{email}', { evento: 'A', email: 'ana' })).toBe(400)
    expect(await call('DELETE', '/reservas/{Id}', { Id })).toBe(200)
    expect(await call('DELETE', '/reservas/{Id}', { Id })).toBe(409)
    expect(await call('DELETE', '/reservas/{Id}', { Id: unknownId })).toBe(404)
    expect(await call('DELETE', '/reservas/{Id}', { Id: 'x' })).toBe(400)
  })
})

async function openapi(url: string): Promise<Document> {
  const { status, body } = await send('GET', `${url}/openapi.json`)
  expect([status, (body as Document).openapi]).toEqual([200, '3.1.0'])
  return body as Document
}

function routesOf({ paths }: Document): ReadonlySet<string> {
  return new Set(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  )
}

/** Sends a request that the document describes, and holds request and reply against it: refused exactly when the schemas refuse. */
async function caller(url: string, { paths }: Document) {
  const compile = await compiler()
  return async (method: string, path: string, values: Readonly<Record<string, string>>, body?: object): Promise<number> => {
    const operation = paths[path]?.[method.toLowerCase()]
    if (operation === undefined) throw new Error(`${method} ${path} is not in the document`)
    const parameters = operation.parameters ?? []
    expect(parameters.map(({ in: where, name, required }) => [where, name, required])).toEqual(
      Object.keys(values).map((name) => ['path', name, true]),
    )
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
    const reply = await send(method, `${url}${filled}`, body)
    const sent = body === undefined ? undefined : JSON.parse(JSON.stringify(body))
    const bodySchema = operation.requestBody?.content['application/json']?.schema
    const valid =
      parameters.every(({ name, schema }) => compile(schema)(values[name])) &&
      (bodySchema === undefined || compile(bodySchema)(sent))
    expect([method, filled, valid]).toEqual([method, filled, reply.status !== 400])
    expect([method, filled, reply.status, mismatch(operation, reply, compile)]).toEqual([method, filled, reply.status, null])
    return reply.status
  }
}

function mismatch(operation: Operation, { status, type, body }: Reply, compile: (schema: object) => Validate): unknown {
  const media = type.split(';')[0] ?? ''
  const schema = operation.responses[status]?.content[media]?.schema
  if (schema === undefined) return `no ${media} reply with ${status} in the document`
  const validate = compile(schema)
  return validate(body) ? null : (validate.errors ?? 'refused')
}

/** Fastify's own compiler of JSON schemas, as strict as the services set it; it exists once a route with a schema does. */
async function compiler(): Promise<(schema: object) => Validate> {
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false, formats } } })
  app.post('/', { schema: { body: {} } }, () => '')
  await app.ready()
  return (schema) => app.validatorCompiler?.({ schema, method: 'POST', url: '/', httpPart: 'body' }) as Validate
}
