import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { documents, failure } from '../../src/contracts/index.js'
import { boletiaStreams, fixtures } from '../program.js'
import { watchedRun } from './watched.js'

let database: TestDatabase
const env = () => ({ MONGODB_URI: database.uri })
const insert = async (...documents: object[]) =>
  await database.db.collection('reservas').insertMany(documents, { writeConcern: { w: 'majority' } })

beforeEach(async () => {
  database = await testDatabase(inject('mongoUri'))
})
afterEach(async () => await database[Symbol.asyncDispose]())

describe('run --http', () => {
  test('is alive and ready, counts what was settled, by stream, and ends with the run', async () => {
    await using run = await watchedRun(['streamEvento', 'streamProyecta'], env())
    expect(run.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    // Whoever kills the worker reads its first line.
    expect(run.stderr().split('\n')[0]).toContain(`streamEvento runs as pid ${run.child.pid}, owner `)
    expect(await run.get('/livez')).toMatchObject({ status: 200, body: 'ok\n' })
    await expect.poll(async () => (await run.get('/readyz')).body).toMatch(/running.*running/)
    expect((await run.get('/readyz')).status).toBe(200)
    expect(JSON.parse((await run.get('/readyz')).body)).toEqual({
      ready: true,
      streams: [
        { name: 'streamEvento', phase: 'running', ready: true },
        { name: 'streamProyecta', phase: 'running', ready: true },
      ],
    })
    await insert({ n: 1 }, { n: 2 }, { n: 3 })
    const value = async (sample: string) => (await run.metrics()).get(sample)
    await expect.poll(() => value('boletia_stream_changes_total{stream="streamEvento",outcome="handled"}')).toBe(3)
    await expect.poll(() => value('boletia_stream_changes_total{stream="streamProyecta",outcome="handled"}')).toBe(3)
    const metrics = await run.metrics()
    expect(metrics.get('boletia_stream_handler_seconds_count{stream="streamEvento"}')).toBe(3)
    expect(metrics.get('boletia_stream_handler_seconds_bucket{stream="streamProyecta",le="+Inf"}')).toBe(3)
    expect(metrics.get('boletia_stream_batch_writes_total{stream="streamProyecta"}')).toBe(3)
    expect(metrics.get('boletia_stream_batch_documents_total{stream="streamProyecta",result="upserted"}')).toBe(3)
    expect(metrics.get('boletia_stream_checkpoint_seconds_count{stream="streamEvento"}')).toBeGreaterThan(0)
    await expect.poll(() => value('boletia_stream_state{stream="streamEvento",state="idle"}')).toBe(1)
    // A look that the server was too slow for leaves its figures out.
    await expect.poll(() => value('boletia_stream_lag_seconds{stream="streamEvento"}')).toBe(0)
    await expect.poll(() => value('boletia_stream_headroom_seconds{stream="streamEvento"}')).toBeGreaterThan(60)
    const now = Date.now() / 1000
    expect(Math.abs((await value('boletia_stream_position_timestamp_seconds{stream="streamEvento"}'))! - now)).toBeLessThan(120)
    expect(await value('boletia_stream_epoch{stream="streamEvento"}')).toBe(1)
    expect(await run.stop()).toBe(0)
    await expect(fetch(`${run.url}/livez`)).rejects.toThrow('fetch failed')
  })

  test('has the metrics that docs/monitoring.md has, each of the type that it says', async () => {
    await using run = await watchedRun(['streamEvento'], env())
    const page = readFileSync(new URL('../../../../docs/monitoring.md', import.meta.url), 'utf8')
    const documented = [...page.matchAll(/^\| `(boletia_\w+)` *\| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`)
    const { body, headers } = await run.get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const served = [...body.matchAll(/^# TYPE (boletia_\w+ \w+)$/gm)].map(([, told]) => told)
    expect(new Set(served)).toEqual(new Set(documented))
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds \d/m)
  })

  test('answers to reads only, and to its own address only', async () => {
    await using run = await watchedRun(['streamEvento'], env())
    expect(await run.get('/readyz', { method: 'POST' })).toMatchObject({ status: 405 })
    const head = await run.get('/livez', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(await run.get('/nothing')).toMatchObject({ status: 404 })
    expect(await run.get('/constructor')).toMatchObject({ status: 404 })
    expect(await run.get('//')).toMatchObject({ status: 404 })
    const { port } = new URL(run.url)
    const elsewhere = await fetch(`http://localhost:${port}/livez`)
    expect(elsewhere.status).toBe(200)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) =>
      request({ port, host: '127.0.0.1', path: '/metrics', headers: { host: `attacker.example:${port}` } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end(),
    )
    expect(status).toBe(421)
  })
})

describe('run --on-fatal hold', () => {
  test('keeps a halted stream up and unready beside one that runs; a reset revives it without a restart', async () => {
    await boletiaStreams(['run', 'stream[EF]*', '--once'], { env: env() })
    await using run = await watchedRun(['stream[EF]*', '--on-fatal', 'hold'], env())
    await insert({ email: 'ana@example.com', telefono: '55 1234' })
    const phases = async () => JSON.parse((await run.get('/readyz')).body) as unknown
    await expect.poll(phases).toEqual({
      ready: false,
      streams: [
        { name: 'streamEvento', phase: 'running', ready: true },
        { name: 'streamFalla', phase: 'halted', ready: false },
      ],
    })
    expect((await run.get('/readyz')).status).toBe(503)
    expect((await run.get('/livez')).status).toBe(200)
    const state = async () => (await run.metrics()).get('boletia_stream_state{stream="streamFalla",state="halted"}')
    await expect.poll(state).toBe(1)
    const { stdout } = await boletiaStreams(['status', 'streamFalla', '--json'], { env: env() })
    const { lastError } = documents.status.parse(JSON.parse(stdout)).data
    expect(lastError?.token).toMatch(/^82[0-9A-F]+$/)
    const shown = JSON.parse((await run.get('/streams.json')).body) as { streams: { name: string; lastError: unknown }[] }
    expect(shown.streams.find(({ name }) => name === 'streamFalla')).toMatchObject({ lastError })
    const reset = ['reset', 'streamFalla', '--to', 'latest', '--execute', '--confirm', 'streamFalla']
    expect((await boletiaStreams(reset, { env: env() })).code).toBe(0)
    await expect.poll(async () => (await run.get('/readyz')).status).toBe(200)
    // Alive, not only up: it fails at the next one again.
    await insert({ email: 'eva@example.com', telefono: '55 1234' })
    await expect.poll(async () => (await run.get('/readyz')).status).toBe(503)
    const resumed = await boletiaStreams(['resume', 'streamFalla', '--json'], { env: env() })
    expect(documents.resume.parse(JSON.parse(resumed.stdout)).data).toMatchObject({
      resumed: true,
      was: null,
      halt: { code: 'HANDLER_FAILED', name: 'Error' },
      undo: null,
    })
    expect(await run.stop()).toBe(0)
    expect(run.stderr()).not.toMatch(/ana@|eva@|55 1234/)
  })

  test('is asked for by one of two words', async () => {
    const { code, stdout } = await boletiaStreams(['run', 'streamEvento', '--on-fatal', 'wait', '--json'], { env: env() })
    expect(code).toBe(2)
    expect(failure.parse(JSON.parse(stdout)).error.message).toBe('--on-fatal: "wait" is none of exit, hold')
  })
})

/** A port that another process has, until disposed. */
async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}

describe('http in the config', () => {
  const cwd = path.join(fixtures, 'http')
  const saying = (http: string) => ({ ...env(), CONFIG_HTTP: http })

  test('serves every run; without it and without --http nothing is served', async () => {
    await using run = await watchedRun(['streamEvento'], saying(':0'), cwd, [])
    expect(await run.get('/livez')).toMatchObject({ status: 200, body: 'ok\n' })
    await expect.poll(async () => (await run.get('/readyz')).status).toBe(200)
    expect((await run.get('/')).body).toContain('<title>boletia-streams</title>')
    expect(await run.stop()).toBe(0)
    const silent = await boletiaStreams(['run', 'streamEvento', '--once', '--log-format', 'json'], { env: env(), cwd })
    expect({ code: silent.code, told: silent.stderr.includes('"url"') }).toEqual({ code: 0, told: false })
  })

  test('gives way to --http', async () => {
    await using taken = await takenPort()
    const env = saying(`:${taken.port}`)
    const { code, stdout } = await boletiaStreams(['run', 'streamEvento', '--json'], { env, cwd })
    expect({ code, message: failure.parse(JSON.parse(stdout)).error.message }).toEqual({
      code: 2,
      message: `the config’s http: 127.0.0.1:${taken.port} cannot be listened on`,
    })
    await using run = await watchedRun(['streamEvento'], env, cwd)
    expect(await run.get('/livez')).toMatchObject({ status: 200 })
    expect(new URL(run.url).port).not.toBe(String(taken.port))
  })

  test.each([
    ['9464', 'http: "9464" is not an address'],
    ['localhost:99999', 'http: "localhost:99999" is not an address'],
    ['', 'http: must not be empty'],
  ])(
    '%j is refused with how it is written, before anything is asked of MongoDB; config validate says so too',
    async (http, told) => {
      for (const args of [
        ['run', 'streamEvento'],
        ['config', 'validate'],
      ]) {
        const { code, stdout } = await boletiaStreams([...args, '--json'], {
          env: { MONGODB_URI: 'mongodb://127.0.0.1:9/x', CONFIG_HTTP: http },
          cwd,
        })
        const { error } = failure.parse(JSON.parse(stdout))
        expect({ code, error: error.code }).toEqual({ code: 2, error: 'CONFIG_INVALID' })
        expect(error.message).toContain(told)
      }
    },
  )
})

describe('an address that cannot be listened on is exit 2 before anything starts:', () => {
  async function refused(...args: string[]) {
    const { code, stdout } = await boletiaStreams(['run', 'streamEvento', '--json', ...args], { env: env() })
    const { error } = failure.parse(JSON.parse(stdout))
    expect({ code, exit: error.exit }).toEqual({ code: 2, exit: 2 })
    expect(await database.admin.listCollections().toArray()).toEqual([])
    return `${error.message}; ${error.why}`
  }

  test('a port in use', async () => {
    await using taken = await takenPort()
    const { port } = taken
    expect(await refused('--http', `:${port}`)).toContain(
      `--http: 127.0.0.1:${port} cannot be listened on; Port ${port} is taken by another process`,
    )
  })

  test.each([
    ['no-such-host.invalid:0', 'no-such-host.invalid'],
    ['192.0.2.1:0', 'not an address of this machine'],
    ['9464', 'is not an address; Write [host]:port'],
    [':70000', 'is not an address'],
    ['http://localhost:1', 'is not an address'],
  ])('%s', async (address, told) => {
    expect(await refused('--http', address)).toContain(told)
  })

  test('beside a dry run', async () => {
    expect(await refused('--http', ':0', '--dry-run')).toContain('--http and --dry-run together')
  })
})
