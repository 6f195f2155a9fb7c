import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import PostalMime from 'postal-mime'
import { afterEach, expect, test, vi } from 'vitest'
import { composeMail } from '../../src/mail/composeMail.js'
import { type MailTransport, fileTransport, mailFromEnvironment, sesTransport } from '../../src/index.js'
import { id, mail, sesSink, smtpSink, token } from './sinks.js'
import { temporaryFolder } from './temporaryFolder.js'

afterEach(() => void vi.unstubAllEnvs())

const evento = 'Ópera en el jardín: «La niña» y más'
const expected = {
  A: `Su reserva ${id} de 3 boletos para el evento ${evento} está confirmada`,
  X: `Su reserva ${id} de 3 boletos para el evento ${evento} fue cancelada a petición suya`,
  C: `Su reserva ${id} de 3 boletos para el evento ${evento} fue cancelada, el evento fue suspendido por los organizadores`,
} as const
const states = ['A', 'X', 'C'] as const

async function expectMail(raw: Buffer | Uint8Array, estado: keyof typeof expected): Promise<void> {
  const parsed = await PostalMime.parse(raw)
  expect(parsed.text?.trimEnd()).toBe(expected[estado])
  expect(parsed.subject).toBe(`Boletia: reserva ${id}`)
  expect(parsed.from).toMatchObject({ address: 'boletos@example.org' })
  expect(parsed.to).toMatchObject([{ address: 'ana@example.org' }])
  const headers = ['content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to']
  expect(new Set(parsed.headers.map(({ key }) => key))).toEqual(new Set(headers))
}

async function sendAll(transport: MailTransport): Promise<void> {
  try {
    for (const estado of states) await transport.send(mail(estado))
  } finally {
    await transport.close()
  }
}

test('file: each mail is a file of its own in a folder that is made, whole and with its accents', async () => {
  await using temporary = await temporaryFolder()
  const folder = path.join(temporary.folder, 'a', 'b')
  await sendAll(await mailFromEnvironment({ MAIL_DIR: folder, SENDER_EMAIL: 'boletos@example.org' }))
  expect(new Set(await readdir(folder))).toEqual(new Set(states.map((estado) => `${id}-${estado}-29296E04.eml`)))
  for (const estado of states)
    await expectMail(await readFile(path.join(folder, `${id}-${estado}-${token.slice(-8)}.eml`)), estado)
})

test('smtp: each text arrives whole, for one recipient, over one connection, with the password of the URL', async () => {
  await using sink = await smtpSink()
  const url = `smtp://usuario:cl%C3%A1ve@127.0.0.1:${sink.port}`
  await sendAll(await mailFromEnvironment({ MAIL_TRANSPORT: 'smtp', SMTP_URL: url, SENDER_EMAIL: 'boletos@example.org' }))
  expect(sink.received).toHaveLength(3)
  for (const [index, estado] of states.entries()) await expectMail(sink.received[index]!.raw, estado)
  expect(sink.received[0]).toMatchObject({ from: 'boletos@example.org', to: ['ana@example.org'], user: 'usuario:cláve' })
})

test('ses: each text is one signed request with the raw message, to the endpoint of AWS’s environment', async () => {
  await using sink = await sesSink()
  vi.stubEnv('AWS_ENDPOINT_URL', sink.url)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFAKEFAKEFAKEFAKE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'fake')
  await sendAll(await mailFromEnvironment({ MAIL_TRANSPORT: 'ses', SENDER_EMAIL: 'boletos@example.org' }))
  expect(sink.requests).toHaveLength(3)
  for (const [index, estado] of states.entries())
    await expectMail(Buffer.from(sink.requests[index]!.body.Content.Raw.Data, 'base64'), estado)
  expect(sink.requests[0]).toMatchObject({
    method: 'POST',
    url: '/v2/email/outbound-emails',
    authorization: expect.stringContaining('AKIAFAKEFAKEFAKEFAKE'),
    body: { FromEmailAddress: 'boletos@example.org', Destination: { ToAddresses: ['ana@example.org'] } },
  })
})

test('smtp: a passing failure rejects, so that the stream tries again, and the next try gets through', async () => {
  let busy = true
  await using sink = await smtpSink({}, () => (busy ? 451 : null))
  const url = `smtp://127.0.0.1:${sink.port}`
  const transport = await mailFromEnvironment({ MAIL_TRANSPORT: 'smtp', SMTP_URL: url, SENDER_EMAIL: 'boletos@example.org' })
  await expect(transport.send(mail('A'))).rejects.toMatchObject({ responseCode: 451 })
  busy = false
  await transport.send(mail('A'))
  await transport.close()
  expect(sink.received).toHaveLength(1)
})

test('smtp: nobody listening rejects without the password in the error', async () => {
  const transport = await mailFromEnvironment({
    MAIL_TRANSPORT: 'smtp',
    SMTP_URL: 'smtp://u:geheim@127.0.0.1:1',
    SENDER_EMAIL: 'a@example.org',
  })
  const error = await transport.send(mail('A')).catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ code: 'ESOCKET' })
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('geheim')
  await transport.close()
})

test('ses: a refusal rejects', async () => {
  await using sink = await sesSink(() => 400)
  vi.stubEnv('AWS_ENDPOINT_URL', sink.url)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFAKEFAKEFAKEFAKE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'fake')
  const transport = await sesTransport({ from: 'boletos@example.org' })
  await expect(transport.send(mail('A'))).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
  await transport.close()
})

test('ses: without the SDK the error says what to install; without a region, what to set', async () => {
  const missing: string = '@aws-sdk/a-package-that-is-not-installed'
  const load = () => import(missing)
  await expect(sesTransport({ from: 'a@example.org', load })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('npm install @aws-sdk/client-sesv2'),
  })
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
  await expect(sesTransport({ from: 'a@example.org' })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('set AWS_REGION'),
  })
})

test('file: a mail that comes again replaces its file, and no reader ever sees half of one', async () => {
  await using temporary = await temporaryFolder()
  const transport = await fileTransport({ from: 'boletos@example.org', directory: temporary.folder })
  const large = mail('A', { text: 'á larga línea '.repeat(20_000) })
  await transport.send(large)
  const [name = ''] = await readdir(temporary.folder)
  const sizes = new Set<number>()
  const writing = new AbortController()
  const reader = (async () => {
    while (!writing.signal.aborted) sizes.add((await readFile(path.join(temporary.folder, name))).length)
  })()
  for (let round = 0; round < 20; round++) await transport.send(large)
  writing.abort()
  await reader
  expect(sizes.size).toBe(1)
  expect(await readdir(temporary.folder)).toEqual([name])
})

test('file: a failed write leaves nothing behind', async () => {
  await using temporary = await temporaryFolder()
  const transport = await fileTransport({ from: 'boletos@example.org', directory: temporary.folder })
  // A folder in the file's place: the rename fails, also for root.
  await mkdir(path.join(temporary.folder, `${id}-A-${token.slice(-8)}.eml`, 'x'), { recursive: true })
  await expect(transport.send(mail('A'))).rejects.toMatchObject({ code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/) })
  expect(await readdir(temporary.folder)).toEqual([`${id}-A-${token.slice(-8)}.eml`])
})

test('file: a folder that was removed in between is made again; an Id with slashes stays inside', async () => {
  await using temporary = await temporaryFolder()
  const folder = path.join(temporary.folder, 'correos')
  const transport = await fileTransport({ from: 'boletos@example.org', directory: folder })
  await rm(folder, { recursive: true })
  await transport.send(mail('A', { id: '../../x' }))
  expect(await readdir(folder)).toEqual([`______x-A-${token.slice(-8)}.eml`])
})

test('file: a folder that cannot be made is named, with what to do', async () => {
  await using temporary = await temporaryFolder()
  const inTheWay = path.join(temporary.folder, 'file')
  await writeFile(inTheWay, '')
  await chmod(inTheWay, 0o600)
  await expect(mailFromEnvironment({ MAIL_DIR: path.join(inTheWay, 'correos') })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(/^MAIL_DIR: .*name one that this user may write$/),
  })
})

test.each([
  'ana@example.org\r\nBcc: todos@example.org',
  'ana@example.org\nX: y',
  'ana@example.org, b@example.org',
  'ana',
  '',
  '<ana@example.org>',
])('an address that is not one plain address never gets into a mail: %j', async (to) => {
  await expect(composeMail('boletos@example.org', mail('A', { to }))).rejects.toThrow(/not one plain e-mail address/)
  await expect(composeMail(to, mail('A'))).rejects.toThrow(/not one plain e-mail address/)
  await using sink = await smtpSink()
  const SMTP_URL = `smtp://127.0.0.1:${sink.port}`
  const transport = await mailFromEnvironment({ MAIL_TRANSPORT: 'smtp', SMTP_URL, SENDER_EMAIL: 'boletos@example.org' })
  await expect(transport.send(mail('A', { to }))).rejects.toThrow(/not one plain e-mail address/)
  await transport.close()
  expect(sink.received).toEqual([])
})

test('line breaks in a subject or an event’s name make no header', async () => {
  const evil = 'x\r\nBcc: todos@example.org'
  const parsed = await PostalMime.parse(
    await composeMail('boletos@example.org', mail('A', { subject: evil, text: `${evil}\r\n\r\nfin` })),
  )
  expect(parsed.bcc ?? []).toEqual([])
  expect(parsed.headers.some(({ key }) => key === 'bcc')).toBe(false)
})
