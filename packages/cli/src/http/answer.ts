import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback } from './address.js'

export interface Answer {
  readonly status: number
  readonly type: 'text/plain' | 'text/html' | 'application/json' | (string & {})
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** By path; a route is given the query. Only reads: each answers to GET and HEAD. */
export type Routes = Readonly<Record<string, (query: URLSearchParams) => Answer | Promise<Answer>>>

const plain = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  type: 'text/plain',
  body: `${body}\n`,
  headers,
})

/** Answers one request; `host` is what the server listens on. Never rejects. */
export async function answer(routes: Routes, host: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body, headers } = await of(routes, host, request).catch(() => plain(500, 'internal error'))
  response.writeHead(status, {
    'content-type': type.includes(';') ? type : `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function of(routes: Routes, host: string, { method, url, headers }: IncomingMessage): Promise<Answer> {
  // A page elsewhere whose name suddenly means 127.0.0.1 would otherwise read, in a browser on this machine, what only this machine may see.
  if (isLoopback(host) && !isLoopback(hostOf(headers.host))) return plain(421, 'this server answers to its own address only')
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'this server only reads', { allow: 'GET, HEAD' })
  // Not `new URL(url)`: that throws for //.
  const [path = '/', query = ''] = (url ?? '/').split('?', 2)
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (route === undefined) return plain(404, `not found; there are ${Object.keys(routes).join(' ')}`)
  return await route(new URLSearchParams(query))
}

const hostOf = (header = '') => header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
