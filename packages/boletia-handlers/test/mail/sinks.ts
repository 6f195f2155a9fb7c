import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Mail } from '../../src/index.js'
import { subjectOf, textOf } from '../../src/streamNotificacion/texts.js'

export const id = '65f0c0ffee0123456789abcd'
export const token = '826B01A3000000012B0229296E04'

export function mail(estado: Mail['estado'], more: Partial<Mail> = {}): Mail {
  const text = textOf(estado, id, 3, 'Ópera en el jardín: «La niña» y más')
  return { id, estado, token, to: 'ana@example.org', subject: subjectOf(id), text, ...more }
}

export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | null
  readonly raw: Buffer
}

/** A real SMTP server that keeps what it gets. `refuse` is asked before each mail: a number is the reply instead of 250. */
export async function smtpSink(options: SMTPServerOptions = {}, refuse: () => number | null = () => null) {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => done(null, { user: `${auth.username}:${auth.password}` }),
    onMailFrom(_address, _session, done) {
      const code = refuse()
      done(code === null ? null : Object.assign(new Error('Try again later'), { responseCode: code }))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        received.push({ from, to: rcptTo.map(({ address }) => address), user: session.user ?? null, raw: Buffer.concat(chunks) })
        done()
      })
    },
    ...options,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    received,
    port,
    connections: () => server.connections.size,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

export interface SesRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string
  readonly body: { FromEmailAddress: string; Destination: { ToAddresses: string[] }; Content: { Raw: { Data: string } } }
}

/** A local HTTP endpoint in the place of Amazon SES: keeps each request, answers with `status`. */
export async function sesSink(status: () => number = () => 200) {
  const requests: SesRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization ?? '',
        body,
      })
      response.writeHead(status(), { 'content-type': 'application/json' })
      response.end(JSON.stringify(status() === 200 ? { MessageId: 'x' } : { message: 'refused' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
