import { createServer } from 'node:http'
import { hostname } from 'node:os'
import type { Observer, RunHandle, RunStatus } from '@boletia/streams-core'
import type { AdminOptions } from '@boletia/streams-core/admin'
import type { Logger } from 'pino'
import { Registry, collectDefaultMetrics } from 'prom-client'
import type { Redactor } from '../output/redact.js'
import { type Address, hostText } from './address.js'
import { type Routes, answer } from './answer.js'
import { gauge } from './gauge.js'
import { listen } from './listen.js'
import { Looks } from './looks.js'
import { page } from './page.js'
import { pageData } from './pageData.js'
import { type StreamPhase, readiness } from './readiness.js'
import { runMetrics } from './runMetrics.js'
import { Samples } from './samples.js'
import { stateMetrics } from './stateMetrics.js'

export interface MonitorOptions {
  readonly address: Address
  /** Where the address was given, for messages. */
  readonly source: string
  /** The streams that this process runs. */
  readonly names: readonly string[]
  readonly admin: AdminOptions
  readonly version: string
  readonly redactor: Redactor
  readonly log: Logger
}

/** What is seen of this process from outside, over HTTP. Disposing closes the server. */
export interface Monitor extends AsyncDisposable {
  readonly url: string
  /** To be given to every run. */
  readonly observer: Observer
  started(name: string, run: RunHandle): void
}

/** Listens before any stream starts. @throws {StreamError} USAGE when the address cannot be listened on */
export async function openMonitor({ address, source, names, admin, version, redactor, log }: MonitorOptions): Promise<Monitor> {
  const { listStreams } = await import('@boletia/streams-core/admin')
  const runs = new Map<string, RunHandle>()
  const now = () => Date.now()
  const statuses = (): RunStatus[] => [...runs.values()].map((run) => run.status)
  const phases = (): StreamPhase[] => names.map((name) => ({ name, phase: runs.get(name)?.status.phase ?? 'starting' }))

  const samples = new Samples()
  const looks = new Looks({
    ask: () => listStreams(admin, { names }),
    now,
    onLook: (look) => samples.keep(look, statuses()),
    onFailure: (error) => log.debug({ err: error }, 'the saved state could not be looked at'),
  })
  const registry = new Registry()
  const observer = runMetrics(registry, statuses)
  stateMetrics(registry, () => looks.last, now)
  gauge(registry, 'boletia_streams_info', 'The version of the command.', ['version'], (set) => set({ version }, 1))
  collectDefaultMetrics({ register: registry })

  const routes: Routes = {
    '/livez': () => ({ status: 200, type: 'text/plain', body: 'ok\n' }),
    '/readyz': () => {
      const ready = readiness(phases())
      return { status: ready.ready ? 200 : 503, type: 'application/json', body: `${JSON.stringify(ready)}\n` }
    },
    '/': page,
    '/streams.json': async (query) => {
      const look = await looks.fresh()
      const facts = { now: now(), version, pid: process.pid, host: hostname(), look, phases: phases(), runs: statuses(), samples }
      const data = pageData(facts, Number(query.get('since')) || 0)
      // An operator's reason for a pause may hold what nobody should see.
      return { status: 200, type: 'application/json', body: JSON.stringify(redactor.strings(data)) }
    },
    '/metrics': async () => {
      await looks.fresh()
      return { status: 200, type: registry.contentType, body: await registry.metrics() }
    },
  }
  const server = createServer((request, response) => void answer(routes, address.host, request, response))
  const url = await listen(server, address, source).catch((error: unknown) => {
    looks[Symbol.dispose]()
    throw error
  })
  return {
    url,
    observer,
    started(name, run) {
      // Not before: the first line of a worker names its pid and owner.
      if (runs.size === 0) log.info({ url }, `health, metrics and a page at ${url}/ (${hostText(address.host)})`)
      runs.set(name, run)
    },
    async [Symbol.asyncDispose]() {
      looks[Symbol.dispose]()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
