import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ObjectId } from 'mongodb'
import PostalMime from 'postal-mime'
import { afterEach, expect, test, vi } from 'vitest'
import { mailFromEnvironment, streamNotificacion } from '../../src/index.js'
import { boletia, mailbox, running } from '../boletia.js'
import { smtpSink } from '../mail/sinks.js'
import { temporaryFolder } from '../mail/temporaryFolder.js'

afterEach(() => void vi.unstubAllEnvs())

const reserva = () => ({ _id: new ObjectId(), evento: 'Ópera «Ñ»', email: 'ana@example.org', cantidad: 3, estado: 'A' as const })

test('the environment decides where mails go: here into files, named after reservation, state and token', async () => {
  await using domain = await boletia()
  await using temporary = await temporaryFolder()
  vi.stubEnv('MAIL_TRANSPORT', 'file')
  vi.stubEnv('MAIL_DIR', path.join(temporary.folder, 'correos'))
  vi.stubEnv('SENDER_EMAIL', 'boletos@example.org')
  await using streams = await running(domain.database, [streamNotificacion()])
  const { _id } = reserva()
  await domain.reservas.insertOne({ ...reserva(), _id })
  await domain.reservas.updateOne({ _id }, { $set: { email: 'luis@example.org' } })
  await domain.cancelReserva(_id)
  await streams.quiet()

  const names = await readdir(path.join(temporary.folder, 'correos'))
  const of = (estado: string) => names.filter((name) => new RegExp(`^${String(_id)}-${estado}-[0-9A-F]{8}\\.eml$`).test(name))
  expect([names.length, of('A').length, of('X').length]).toEqual([2, 1, 1])
  const parsed = await PostalMime.parse(await readFile(path.join(temporary.folder, 'correos', of('X')[0]!)))
  expect(parsed.text?.trimEnd()).toBe(
    `Su reserva ${String(_id)} de 3 boletos para el evento Ópera «Ñ» fue cancelada a petición suya`,
  )
})

test('a mail server that is busy for a while costs attempts and no mail', async () => {
  await using domain = await boletia()
  let busy = 2
  await using sink = await smtpSink({}, () => (busy-- > 0 ? 451 : null))
  const mail = () =>
    mailFromEnvironment({
      MAIL_TRANSPORT: 'smtp',
      SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
      SENDER_EMAIL: 'boletos@example.org',
    })
  await using streams = await running(domain.database, [streamNotificacion({ mail })])
  await domain.reservas.insertOne(reserva())
  await streams.quiet()
  expect(busy).toBeLessThan(0)
  expect(sink.received).toHaveLength(1)
  // The end of the stream ends its connections.
  await streams[Symbol.asyncDispose]()
  await expect.poll(() => sink.connections()).toBe(0)
})

test('missing mail settings stop the start with what to set, and not before', async () => {
  await using domain = await boletia()
  vi.stubEnv('MAIL_TRANSPORT', 'smtp')
  vi.stubEnv('SENDER_EMAIL', undefined)
  const stream = streamNotificacion()
  await expect(running(domain.database, [stream])).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(/^SENDER_EMAIL is missing/),
  })
})

test('a position that an operator moved back sends no mail twice; new changes are told', async () => {
  await using domain = await boletia()
  const { database, reservas } = domain
  const state = database.db.collection('stream')
  const box = mailbox()
  const first = reserva()
  {
    await using streams = await running(database, [streamNotificacion({ mail: box.open })])
    const before = await state.findOne()
    await reservas.insertOne(first)
    await streams.quiet()
    await streams[Symbol.asyncDispose]()
    await state.updateOne({}, { $set: { token: before!['token'], clusterTime: before!['clusterTime'], by: before!['by'] } })
  }
  const second = reserva()
  await reservas.insertOne(second)
  await using again = await running(database, [streamNotificacion({ mail: box.open })])
  await again.quiet()
  expect(box.mails.map(({ id }) => id)).toEqual([String(first._id), String(second._id)])
  expect(again.runs[0]!.status).toMatchObject({ handled: 1, skipped: 1 })
})

test('an address that can never be reached holds up nobody', async () => {
  await using domain = await boletia()
  const box = mailbox()
  await using streams = await running(domain.database, [streamNotificacion({ mail: box.open })])
  await domain.reservas.insertMany([{ ...reserva(), email: 'ana' }, reserva()])
  await streams.quiet()
  expect(box.mails).toHaveLength(1)
  expect(streams.runs[0]!.status).toMatchObject({ handled: 1, skipped: 1 })
})
