import { startReplicaSet, startStandalone, testDatabase } from '@boletia/streams-core/testing'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { reservasService } from '../../src/reservas/service.js'
import { startService } from '../../src/service/startService.js'
import { refused, send } from '../support/http.js'
import { startProgram } from '../support/program.js'

const heartbeatMs = 120_000
const nobody = 'mongodb://127.0.0.1:9/boletia?serverSelectionTimeoutMS=200'

describe('start', () => {
  test('both programs print one parseable line, use the database boletia by default and ensure their own unique indexes', async () => {
    await using set = await startReplicaSet({ auth: true })
    await using database = await testDatabase(set.uri)
    await database.widen('boletia')
    const MONGODB_URI = database.uri.replace(`/${database.name}?`, '/?')
    await using eventos = startProgram('eventos', { MONGODB_URI, LOG_LEVEL: 'silent' })
    await using reservas = startProgram('reservas', { MONGODB_URI, LOG_LEVEL: 'silent' })
    const urls = [await eventos.url, await reservas.url]
    expect([eventos.stderr(), reservas.stderr()]).toEqual([
      `eventos listening on ${urls[0]}\n`,
      `reservas listening on ${urls[1]}\n`,
    ])
    expect((await Promise.all(urls.map((url) => send('GET', `${url}/readyz`)))).map(({ status }) => status)).toEqual([200, 200])
    const boletia = database.admin.client.db('boletia')
    const indexes = async (name: string) =>
      (await boletia.collection(name).indexes()).map(({ key, unique = false }) => [key, unique]).slice(1)
    expect(await indexes('eventos')).toEqual([[{ nombre: 1 }, true]])
    expect(await indexes('inventario')).toEqual([[{ nombre: 1 }, true]])
    expect(await indexes('reservas')).toEqual([[{ evento: 1, email: 1 }, false]])
  })

  test('without MONGODB_URI, or with one that is none: exit 2, and no word of a password', async () => {
    await using without = startProgram('reservas', {})
    await using malformed = startProgram('reservas', { MONGODB_URI: 'mongodb://ana:secreto@:99999999/x' })
    expect(await without.ended).toBe(2)
    expect(without.stderr()).toMatch(/^reservas: MONGODB_URI is not set.* npm run reservas\n$/)
    expect(await malformed.ended).toBe(2)
    expect(malformed.stderr()).toMatch(/^reservas: MONGODB_URI is not a connection string.*mongodb:\/\/127.*\n$/)
    expect(malformed.stderr()).not.toContain('secreto')
  })

  test('an unreachable MongoDB, a standalone and a wrong user: exit 8 and what to do', async () => {
    await using standalone = await startStandalone()
    const { host } = new URL(standalone.uri)
    await using away = startProgram('eventos', { MONGODB_URI: nobody.replace('127', 'ana:secreto@127') })
    await using alone = startProgram('eventos', { MONGODB_URI: standalone.uri })
    await using stranger = startProgram('eventos', { MONGODB_URI: standalone.uri.replace('//', '//ana:secreto@') })
    expect([await away.ended, await alone.ended, await stranger.ended]).toEqual([8, 8, 8])
    expect(away.stderr()).toBe(
      'eventos: no MongoDB answers at 127.0.0.1:9: check MONGODB_URI (host, port, replicaSet) and that mongod is running, then start again\n',
    )
    expect(alone.stderr()).toBe(
      `eventos: the MongoDB at ${host} is not a replica set: start mongod with --replSet rs0, run rs.initiate() in mongosh, then start again\n`,
    )
    expect(stranger.stderr()).toContain(`eventos: the MongoDB at ${host} refuses this user`)
    expect(stranger.stderr()).not.toContain('secreto')
  })

  test('a busy port: exit 1 and a port to try', async () => {
    await using set = await startReplicaSet({ auth: true })
    await using database = await testDatabase(set.uri)
    await using first = startProgram('eventos', { MONGODB_URI: database.uri })
    const PORT = new URL(await first.url).port
    await using second = startProgram('reservas', { MONGODB_URI: database.uri, PORT, LOG_LEVEL: 'silent' })
    expect(await second.ended).toBe(1)
    expect(second.stderr()).toMatch(new RegExp(`^reservas: port ${PORT} on 127.0.0.1 is busy: .* PORT=${Number(PORT) + 1} .*\n$`))
  })

  test('documents that contradict the unique index: exit 2 with the collection, without the value', async () => {
    await using set = await startReplicaSet({ auth: true })
    await using database = await testDatabase(set.uri)
    await database.db.collection('eventos').insertMany([{ nombre: 'ana@example.com' }, { nombre: 'ana@example.com' }])
    await using eventos = startProgram('eventos', { MONGODB_URI: database.uri })
    expect(await eventos.ended).toBe(2)
    expect(eventos.stderr()).toBe(
      `eventos: ${database.name}.eventos holds one key twice, so its unique index cannot be made: remove one, then start again\n`,
    )
  })
})

describe('stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s answers the request in hand, takes no new ones, and exits 0', async (signal) => {
    await using set = await startReplicaSet({ auth: true })
    await using database = await testDatabase(set.uri)
    await using eventos = startProgram('eventos', { MONGODB_URI: database.uri })
    const url = new URL(await eventos.url)
    const body = JSON.stringify({ nombre: 'Concierto', capacidad: 1, categoria: 'c' })
    // A request whose last byte arrives after the signal is in hand when the signal comes.
    const slow = openRequest(url, body.slice(0, -1))
    // The first answer on that connection proves that the service has begun to read it.
    await slow.begun
    eventos.child.kill(signal)
    await refusesConnections(url)
    slow.finish(body.slice(-1))
    expect(await slow.answer).toMatch(/HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*"Nombre":"Concierto"/i)
    expect(await eventos.ended).toBe(0)
  })

  test('a second signal quits at once', async () => {
    await using set = await startReplicaSet({ auth: true })
    await using database = await testDatabase(set.uri)
    await using eventos = startProgram('eventos', { MONGODB_URI: database.uri })
    const url = new URL(await eventos.url)
    const slow = openRequest(url, '{')
    await slow.begun
    eventos.child.kill('SIGTERM')
    await refusesConnections(url)
    eventos.child.kill('SIGTERM')
    expect(await eventos.ended).toBe(143)
    await slow.answer
  })
})

describe('a MongoDB that goes away later', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    '%s: 503 UNAVAILABLE without a stack, livez stays 200; served again once it is back',
    async (signal) => {
      await using set = await startReplicaSet({ auth: true })
      await using database = await testDatabase(set.uri)
      const [node] = set.nodes
      if (node === undefined) throw new Error('no node')
      const log: string[] = []
      const options = {
        // Not within the test: what is refused sooner was not found out by a heartbeat.
        uri: `${database.uri}&heartbeatFrequencyMS=${heartbeatMs}`,
        host: '127.0.0.1',
        port: 0,
        logLevel: 'info',
        timeoutMs: 300,
        logStream: { write: (line: string) => log.push(line) },
      } as const
      await using reservas = await startService(reservasService, options)
      const { url } = reservas
      // It waits for an answer only 300 ms, in which a busy machine may not come to give one.
      const served = async () => (await send('GET', `${url}/reservas/inventario`)).status
      await expect.poll(served).toBe(200)
      await node.kill(signal)
      const wanted = { evento: 'Concierto', cantidad: 1, email: 'ana@example.com' }
      const asked = performance.now()
      expect(refused(await send('POST', `${url}/reservas`, wanted))).toEqual([503, 'UNAVAILABLE'])
      expect(performance.now() - asked, 'not only when a heartbeat fails').toBeLessThan(heartbeatMs / 2)
      const reply = await send('GET', `${url}/reservas/Concierto/ana@example.com`)
      expect(refused(reply)).toEqual([503, 'UNAVAILABLE'])
      expect(JSON.stringify(reply.body)).not.toMatch(/ at |Mongo\w*Error|127\.0\.0\.1/)
      expect(refused(await send('GET', `${url}/readyz`))).toEqual([503, 'UNAVAILABLE'])
      expect((await send('GET', `${url}/livez`)).status).toBe(200)
      expect(log.join('')).not.toContain('example.com')
      await (signal === 'SIGSTOP' ? node.kill('SIGCONT') : node.restart())
      await expect.poll(async () => (await send('GET', `${url}/readyz`)).status, { timeout: 60_000 }).toBe(200)
      await expect.poll(served).toBe(200)
    },
  )
})

/** Sends the head and the beginning of a POST /eventos; the 100 Continue that it asks for tells that the service reads the body. */
function openRequest(url: URL, beginning: string) {
  let text = ''
  const socket = connect(Number(url.port), url.hostname)
  const head = [
    'POST /eventos HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
  ]
  const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`
  socket.write(`${head.join('\r\n')}\r\n\r\n${chunk(beginning)}`)
  const begun = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  const answer = new Promise<string>((resolve) => socket.on('close', () => resolve(text)).on('error', () => resolve(text)))
  socket.setEncoding('utf8').on('data', (data: string) => (text += data))
  return { begun, answer, finish: (end: string) => socket.write(`${chunk(end)}0\r\n\r\n`) }
}

async function refusesConnections({ hostname, port }: URL): Promise<void> {
  await expect
    .poll(
      () =>
        new Promise<string>((resolve) => {
          const socket = connect(Number(port), hostname, () => resolve('accepted')).on('error', () => resolve('refused'))
          socket.on('connect', () => socket.destroy())
        }),
      { timeout: 60_000 },
    )
    .toBe('refused')
}
