import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { insertOnce } from '../src/guards/index.js'
import { runStream } from '../src/index.js'
import { openTelemetry } from '../src/openTelemetry.js'
import { type Setting, setting } from './admin/setting.js'

const exporter = new InMemorySpanExporter()
let at: Setting

const spans = (operation: string) =>
  exporter.getFinishedSpans().filter(({ attributes }) => attributes['messaging.operation.name'] === operation)
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
afterEach(async () => {
  trace.disable()
  context.disable()
  exporter.reset()
  await at[Symbol.asyncDispose]()
})

describe('where the application traces,', () => {
  test('each attempt of a handler is a span by the conventions for messaging, and what it does lies below it', async () => {
    at = await setting({
      retry: { attempts: 2, minDelayMs: 1 },
      handle(_change, { attempt }) {
        trace.getTracer('app').startSpan('sends a mail').end()
        if (attempt === 1) throw new TypeError('ana@example.com is away')
      },
    })
    await at.run()
    exporter.reset()
    await at.insert(1)
    // The run is longer than the request that began it, and no part of its trace.
    await trace.getTracer('app').startActiveSpan('request', async (request) => {
      await at.run()
      request.end()
    })
    const [first, second] = spans('handle')
    expect(first).toMatchObject({
      name: `process ${at.place.name}.source`,
      kind: SpanKind.CONSUMER,
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        'messaging.system': 'mongodb',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'handle',
        'messaging.destination.name': `${at.place.name}.source`,
        'messaging.consumer.group.name': 'copies',
        'messaging.message.id': expect.stringMatching(/^82[0-9A-F]+$/) as string,
        'messaging.message.body.size': expect.any(Number) as number,
        'boletia_streams.attempt': 1,
        'error.type': 'TypeError',
      },
    })
    expect(second).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { 'boletia_streams.attempt': 2 } })
    expect(parentOf(first)).toBeUndefined()
    const mails = exporter.getFinishedSpans().filter(({ name }) => name === 'sends a mail')
    expect(mails.map(parentOf)).toEqual([first?.spanContext().spanId, second?.spanContext().spanId])
    expect(spans('checkpoint')[0]).toMatchObject({ name: `settle ${at.place.name}.source`, kind: SpanKind.CLIENT })
    const told = exporter.getFinishedSpans().map(({ attributes, events, status }) => ({ attributes, events, status }))
    expect(JSON.stringify(told)).not.toContain('ana@')
  })

  test('a projection has one span for each batch, with the number of its changes', async () => {
    at = await setting({
      targets: { copies: { collection: 'copies' } },
      handle: undefined,
      project: ({ documentKey }: { documentKey?: { _id: unknown } }) => [
        insertOnce({ target: 'copies', document: { _id: documentKey?._id } }),
      ],
    } as never)
    await at.run()
    exporter.reset()
    await at.insert(1, 2, 3)
    await at.run()
    const batches = spans('project')
    expect(batches.map(({ attributes }) => Number(attributes['messaging.batch.message_count'])).reduce((a, b) => a + b, 0)).toBe(
      3,
    )
    expect(batches[0]).toMatchObject({ kind: SpanKind.CONSUMER, status: { code: SpanStatusCode.UNSET } })
    expect(spans('handle')).toEqual([])
  })
})

test('where no provider is registered nothing is traced', async () => {
  at = await setting()
  trace.disable()
  expect(await openTelemetry(at.stream, 'a.b')).toBeNull()
  await runStream(at.stream, { client: at.place.client, until: 'caught-up' }).done
  expect(exporter.getFinishedSpans()).toEqual([])
})

test.each([
  [
    'is not installed at all a stream runs all the same, without a word',
    ['--import', './withoutOpenTelemetry.mjs'],
    'ERR_MODULE_NOT_FOUND',
  ],
  ['is installed, and no provider, neither', [], 'installed'],
])('where the package of the API %s', async (_title, flags, api) => {
  at = await setting()
  await at.run()
  await at.insert(1, 2, 3)
  const ran = await promisify(execFile)(process.execPath, [...flags, 'copyOnce.mjs', at.place.uri], {
    cwd: path.join(import.meta.dirname, 'fixtures'),
  })
  expect({ ...(JSON.parse(ran.stdout) as object), stderr: ran.stderr }).toEqual({ api, handled: 3, complaints: [], stderr: '' })
  expect(await at.place.db.collection('copy').countDocuments()).toBe(3)
})
