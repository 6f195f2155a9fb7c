import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { eventosService } from '../src/eventos/service.js'
import { reservasService } from '../src/reservas/service.js'
import { startService } from '../src/service/startService.js'
import { send } from './support/http.js'

const folder = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const settings = { host: '127.0.0.1', port: 0, logLevel: 'silent', logStream: process.stderr } as const

test(
  'the command finds the config here, and its streams work in the database that MONGODB_URI names, as the services do',
  { timeout: 240_000 },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    const { db, uri } = database
    await using eventos = await startService(eventosService, { ...settings, uri })
    await using reservas = await startService(reservasService, { ...settings, uri })
    await using mails = await temporaryFolder()
    await using streams = startStreams({ MONGODB_URI: uri, MAIL_DIR: mails.directory })

    // Each has saved where it starts: what is written from now on is seen.
    const started = () => db.collection('stream').countDocuments({ token: { $type: 'string' } })
    await streams.until(started, 4)
    const { status } = await send('POST', `${eventos.url}/eventos`, { nombre: 'Concierto', capacidad: 30, categoria: 'c' })
    expect(status).toBe(200)
    await streams.until(async () => (await send('GET', `${reservas.url}/reservas/inventario/Concierto`)).status, 200)
    await send('POST', `${reservas.url}/reservas`, { evento: 'Concierto', cantidad: 2, email: 'ana@example.com' })
    await streams.until(async () => (await readdir(mails.directory)).filter((name) => name.endsWith('.eml')).length, 1)
    streams.child.kill('SIGTERM')
    expect(await streams.ended).toBe(0)
    expect(streams.output()).not.toContain('ana@example.com')
  },
)

/** `boletia-streams run --all` as a process in the example's folder, with nothing of this machine's settings. */
function startStreams(env: Readonly<Record<string, string>>) {
  const { PATH = '', BOLETIA_TEST_FILE = '' } = process.env
  const launcher = path.join(folder, 'node_modules/boletia-streams/bin/boletia-streams.mjs')
  const child = spawn(process.execPath, [launcher, 'run', '--all'], {
    cwd: folder,
    env: { PATH, BOLETIA_TEST_FILE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close').then(([code]: unknown[]) => code)
  return {
    child,
    ended,
    output: () => output,
    /** Waits for a value while the process lives. */
    async until<T>(read: () => Promise<T>, wanted: T): Promise<void> {
      const now = async () => (child.exitCode === null ? await read() : `ended with ${child.exitCode}: ${output}`)
      await expect.poll(now, { timeout: 120_000 }).toBe(wanted)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function temporaryFolder() {
  const directory = await mkdtemp(path.join(tmpdir(), 'boletia-correos-'))
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}
