import { type Estado, type Evento, type Inventario, type Reserva, fileTransport } from '@boletia/handlers'
import { testDatabase } from '@boletia/streams-core/testing'
import { type Collection, ObjectId } from 'mongodb'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { judge } from '../../src/check/judge.js'
import { readAccepted, readCollections, readMails } from '../../src/check/read.js'
import type { Report } from '../../src/check/report.js'

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../dist/check.js')

export interface Checked {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the checker as the demo does. */
export function runCheck(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Checked> {
  const { PATH = '', BOLETIA_TEST_FILE = '' } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env: { PATH, BOLETIA_TEST_FILE, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

export interface Box extends AsyncDisposable {
  readonly eventos: Collection<Evento>
  readonly inventario: Collection<Inventario>
  readonly reservas: Collection<Reserva>
  readonly accepted: string
  /** The files of the mails, by `{Id}-{estado}`. */
  mailFile(reserva: Reserva, estado: Estado): Promise<string>
  send(reserva: Reserva, estado: Estado, token: string): Promise<void>
  /** What the checker finds, in this process. */
  report(): Promise<Report>
  faults(): Promise<readonly string[]>
  /** The checker as the program that it is. */
  run(...more: string[]): Promise<Checked>
}

export const active: Reserva = reservation('Concierto', 2, 'A', 'ana@example.org')
export const givenBack: Reserva = reservation('Concierto', 3, 'X', 'eva@example.org')
export const suspended: Reserva = reservation('Ópera', 4, 'C', 'ana@example.org')

/** Data as the streams leave it: an active event, a cancelled one, a reservation in each state, their mails. */
export async function box(): Promise<Box> {
  const database = await testDatabase(inject('mongoUri'))
  const folder = await mkdtemp(path.join(tmpdir(), 'boletia-check-'))
  const directory = path.join(folder, 'correos')
  const accepted = path.join(folder, 'accepted')
  const { db } = database
  const eventos = db.collection<Evento>('eventos')
  const inventario = db.collection<Inventario>('inventario')
  const reservas = db.collection<Reserva>('reservas')
  const transport = await fileTransport({ from: 'boletia@example.org', directory })

  const send = async ({ _id, email, cantidad, evento }: Reserva, estado: Estado, token: string) => {
    const id = _id.toHexString()
    const text = `Su reserva ${id} de ${cantidad} boletos para el evento ${evento} ${endings[estado]}`
    await transport.send({ id, estado, token, to: email, subject: `Boletia: reserva ${id}`, text })
  }
  for (const [nombre, estado, capacidad, disponible] of [
    ['Concierto', 'A', 30, 28],
    ['Ópera', 'C', 10, 6],
  ] as const) {
    const common = { _id: new ObjectId(), nombre, estado, categoria: 'música' }
    await eventos.insertOne({ ...common, capacidad })
    await inventario.insertOne({ ...common, disponible })
  }
  const all = [active, givenBack, suspended]
  await reservas.insertMany(all)
  await writeFile(accepted, all.map(({ _id }) => `${_id.toHexString()}\n`).join(''))
  for (const reserva of all) {
    await send(reserva, 'A', '00000001')
    if (reserva.estado !== 'A') await send(reserva, reserva.estado, '00000002')
  }

  const report = async () =>
    judge(await readCollections(database.uri, database.name), await readMails(directory), await readAccepted(accepted))
  return {
    eventos,
    inventario,
    reservas,
    accepted,
    send,
    report,
    faults: async () => (await report()).faults,
    run: (...more) =>
      runCheck(['--database', database.name, '--mails', directory, '--accepted', accepted, ...more], {
        MONGODB_URI: database.uri,
      }),
    async mailFile({ _id }, estado) {
      const prefix = `${_id.toHexString()}-${estado}-`
      return path.join(directory, (await readdir(directory)).find((name) => name.startsWith(prefix)) as string)
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const endings: Readonly<Record<Estado, string>> = {
  A: 'está confirmada',
  X: 'fue cancelada a petición suya',
  C: 'fue cancelada, el evento fue suspendido por los organizadores',
}

function reservation(evento: string, cantidad: number, estado: Estado, email: string): Reserva {
  return { _id: new ObjectId(), evento, cantidad, estado, email }
}
