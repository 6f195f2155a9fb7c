import type { Attributes, Span, SpanOptions } from '@opentelemetry/api'
import { errorIdentity } from './core/errorIdentity.js'
import { isStreamError } from './streamError.js'
import type { Stream } from './stream.js'
import type { Tracer } from './tracer.js'

const scope = '@boletia/streams-core'

// Where the API (all of 1.x) keeps what was registered, for every copy of itself: without it nobody traces, and fifty modules need not be loaded.
// https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
const registered = Symbol.for('opentelemetry.js.api.1')

/**
 * Spans by the conventions for messaging (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/). Null where the application has
 * no `@opentelemetry/api`, or has registered no tracer provider before the run: then nothing is traced and nothing costs.
 */
export async function openTelemetry(stream: Pick<Stream, 'name' | 'work'>, destination: string): Promise<Tracer | null> {
  if (!(registered in globalThis)) return null
  const api = await import('@opentelemetry/api').catch(() => null)
  if (api === null) return null
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, trace } = api
  const provider = trace.getTracerProvider()
  if (
    'getDelegateTracer' in provider &&
    (provider as InstanceType<typeof api.ProxyTracerProvider>).getDelegateTracer(scope) === undefined
  )
    return null
  const tracer = trace.getTracer(scope)
  const common: Attributes = {
    'messaging.system': 'mongodb',
    'messaging.destination.name': destination,
    'messaging.consumer.group.name': stream.name,
  }

  function failed(span: Span, error: unknown): void {
    // No message and no stack: they may hold personal data.
    span.setAttribute('error.type', isStreamError(error) ? error.code : errorIdentity(error).name)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }

  async function within<T>(type: 'process' | 'settle', options: SpanOptions, work: () => Promise<T> | T): Promise<T> {
    const attributes = { ...common, ...options.attributes, 'messaging.operation.type': type }
    return await tracer.startActiveSpan(`${type} ${destination}`, { ...options, attributes }, async (span) => {
      try {
        return await work()
      } catch (error) {
        failed(span, error)
        throw error
      } finally {
        span.end()
      }
    })
  }

  return {
    handling({ position, bytes }, attempt, work) {
      const attributes = {
        'messaging.operation.name': 'handle',
        'messaging.message.id': position.token,
        'messaging.message.body.size': bytes,
        'boletia_streams.attempt': attempt,
      }
      return within('process', { kind: SpanKind.CONSUMER, attributes }, work)
    },
    committing(changes, work) {
      const attributes = { 'messaging.operation.name': 'project', 'messaging.batch.message_count': changes }
      return within('process', { kind: SpanKind.CONSUMER, attributes }, work)
    },
    saving: (work) => within('settle', { kind: SpanKind.CLIENT, attributes: { 'messaging.operation.name': 'checkpoint' } }, work),
    detached: (work) => context.with(ROOT_CONTEXT, work),
  }
}
