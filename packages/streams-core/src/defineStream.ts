import type { Document } from 'mongodb'
import { backfillFault } from './core/backfillRules.js'
import { pipelineFault } from './core/pipelineRules.js'
import type { Change } from './change.js'
import { checkedClassify, checkedDeadLetters, checkedRetry } from './failurePolicy.js'
import type { Stream, StreamOptions, Target, TargetOptions } from './stream.js'
import { StreamError } from './streamError.js'

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,119}$/
const choices = {
  fullDocument: ['updateLookup', 'default', 'whenAvailable', 'required'],
  fullDocumentBeforeChange: ['off', 'whenAvailable', 'required'],
  onError: ['stop', 'park'],
  onReplay: ['run', 'skip'],
  onInvalidate: ['stop', 'reopen'],
  onHistoryLost: ['fail', 'backfill', 'now'],
  delivery: ['transaction', 'bulk'],
} as const
const known = new Set([
  ...Object.keys(choices),
  'name',
  'watch',
  'pipeline',
  'key',
  'targets',
  'handle',
  'project',
  'start',
  'retry',
  'classify',
  'deadLetters',
  'concurrency',
  'setup',
  'teardown',
])

/**
 * Checks a stream's definition and fills in what it leaves out; nothing is opened.
 * @throws {StreamError} INVALID_STREAM, naming the field and the value it got
 */
export function defineStream<T extends Document = Document>(options: StreamOptions<T>): Stream<T> {
  const name = options.name
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw new StreamError(
      'INVALID_STREAM',
      `name must be 1–120 letters, digits, _ or -, beginning with a letter, digit or _; got ${show(name)}`,
    )
  }
  const fail = (message: string) => new StreamError('INVALID_STREAM', `stream ${name}: ${message}`, { details: { stream: name } })

  for (const field of Object.keys(options)) if (!known.has(field)) throw fail(`unknown field ${field}`)
  if ((options.handle === undefined) === (options.project === undefined)) throw fail('give exactly one of handle and project')
  for (const field of ['handle', 'project', 'key', 'setup', 'teardown'] as const) {
    if (options[field] !== undefined && typeof options[field] !== 'function')
      throw fail(`${field} must be a function; got ${show(options[field])}`)
  }
  const pipeline = options.pipeline ?? []
  const fault = Array.isArray(pipeline) ? pipelineFault(pipeline) : `pipeline must be an array; got ${show(pipeline)}`
  if (fault !== null) throw fail(fault)
  const chosen = <Field extends keyof typeof choices>(field: Field): (typeof choices)[Field][number] => {
    const value = (options[field] ?? choices[field][0]) as (typeof choices)[Field][number]
    if (!(choices[field] as readonly unknown[]).includes(value))
      throw fail(`${field} must be one of ${choices[field].join(', ')}; got ${show(value)}`)
    return value
  }
  const start = options.start ?? 'now'
  if (start !== 'now' && start !== 'backfill' && !(start.at instanceof Date && Number.isFinite(start.at.getTime()))) {
    throw fail(`start must be 'now', 'backfill' or { at: Date }; got ${show(start)}`)
  }
  for (const [field, value] of Object.entries({ start, onHistoryLost: options.onHistoryLost })) {
    if (value !== 'backfill') continue
    const why = typeof options.watch?.collection === 'string' ? backfillFault(pipeline) : 'watch names no collection'
    if (why !== null) throw fail(`${field} is 'backfill', but ${why}`)
  }

  return Object.freeze({
    name,
    watch: {
      connection: options.watch?.connection ?? null,
      database: options.watch?.database ?? null,
      collection: options.watch?.collection ?? null,
    },
    pipeline: Object.freeze([...pipeline]),
    key: options.key ?? documentId,
    targets: Object.freeze(
      Object.fromEntries(
        Object.entries(options.targets ?? {}).map(([alias, target]) => [alias, checkedTarget(alias, target, fail)]),
      ),
    ),
    work:
      options.project === undefined
        ? ({ kind: 'handle', run: options.handle } as const)
        : ({ kind: 'project', run: options.project } as const),
    fullDocument: chosen('fullDocument'),
    fullDocumentBeforeChange: chosen('fullDocumentBeforeChange'),
    start,
    onError: chosen('onError'),
    classify: checkedClassify(options.classify, fail),
    deadLetters: checkedDeadLetters(options.deadLetters ?? {}, fail),
    onReplay: chosen('onReplay'),
    onInvalidate: chosen('onInvalidate'),
    onHistoryLost: chosen('onHistoryLost'),
    delivery: chosen('delivery'),
    concurrency: checkedConcurrency(options.concurrency, options.project !== undefined, fail),
    retry: checkedRetry(options.retry ?? {}, options.project !== undefined, fail),
    setup: options.setup ?? null,
    teardown: options.teardown ?? null,
  })
}

function checkedTarget(alias: string, target: TargetOptions, fail: (message: string) => StreamError): Target {
  if (typeof target?.collection !== 'string' || target.collection === '')
    throw fail(`targets.${alias}.collection must be a collection's name`)
  return {
    connection: target.connection ?? null,
    database: target.database ?? null,
    collection: target.collection,
    indexes: target.indexes ?? [],
  }
}

function checkedConcurrency(
  concurrency: number | undefined,
  isProjection: boolean,
  fail: (message: string) => StreamError,
): number {
  if (concurrency === undefined) return isProjection ? 1 : 8
  if (isProjection) throw fail('concurrency is for handle: the writes of a projection are gathered and committed in stream order')
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1000)
    throw fail(`concurrency must be an integer from 1 to 1000; got ${show(concurrency)}`)
  return concurrency
}

const documentId = (change: Pick<Change, 'documentKey'>) => change.documentKey?._id

const show = (value: unknown) => (typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)))
