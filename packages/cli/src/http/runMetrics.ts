import type { Observer, RunStatus } from '@boletia/streams-core'
import { Counter, type Registry } from 'prom-client'
import { Durations } from './durations.js'
import { gauge } from './gauge.js'

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const commands = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]
const outcomes = ['handled', 'skipped', 'parked', 'held', 'redriven'] as const

/** What the runs of this process know by themselves; `statuses` is asked at each scrape. */
export function runMetrics(registry: Registry, statuses: () => readonly RunStatus[]): Observer {
  const counter = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect?: (this: Counter<L>) => void,
  ) => new Counter<L>({ name, help, labelNames: [...labelNames], registers: [registry], ...(collect && { collect }) })
  const durations = (name: string, help: string, bounds: readonly number[]) => new Durations(registry, name, help, bounds)

  counter(
    'boletia_stream_changes_total',
    'Changes settled by this process, by outcome.',
    ['stream', 'outcome'],
    function collect() {
      this.reset()
      for (const status of statuses()) for (const outcome of outcomes) this.inc({ stream: status.name, outcome }, status[outcome])
    },
  )
  gauge(registry, 'boletia_stream_phase', 'What the run in this process does: 1 for its phase.', ['stream', 'phase'], (set) => {
    for (const { name: stream, phase } of statuses()) set({ stream, phase }, 1)
  })
  const handler = durations('boletia_stream_handler_seconds', 'Time of one attempt in the handler or the projection.', seconds)
  const checkpoint = durations(
    'boletia_stream_checkpoint_seconds',
    'Time of saving a position, with its batch or alone.',
    seconds,
  )
  const batches = durations('boletia_stream_batch_commands', 'Commands that the writes of a batch became.', commands)
  const batchSeconds = durations('boletia_stream_batch_seconds', 'Time of committing a batch.', seconds)
  const changes = counter('boletia_stream_batch_changes_total', 'Changes committed in batches.', ['stream'])
  const writes = counter('boletia_stream_batch_writes_total', 'Writes asked for by projections and committed in batches.', [
    'stream',
  ])
  const documents = counter('boletia_stream_batch_documents_total', 'Documents that these writes met, by what was done.', [
    'stream',
    'result',
  ])
  const retries = counter('boletia_stream_retries_total', 'Attempts at a change that failed.', ['stream'])
  const reopened = counter('boletia_stream_reopened_total', 'How often reading began again after a fault.', ['stream'])

  return {
    attempted: (stream, durationMs) => handler.count(stream, durationMs / 1000),
    committed: ({ stream, durationMs }) => checkpoint.count(stream, durationMs / 1000),
    batch({ stream, changes: count, writes: asked, written, durationMs }) {
      const { commands: sent, ...done } = written
      batches.count(stream, sent)
      batchSeconds.count(stream, durationMs / 1000)
      changes.inc({ stream }, count)
      writes.inc({ stream }, asked)
      for (const [result, amount] of Object.entries(done)) documents.inc({ stream, result }, amount)
    },
    retrying: ({ stream }) => retries.inc({ stream }),
    reopening: ({ stream }) => reopened.inc({ stream }),
  }
}
