import type { Classify, DeadLetterOptions, DeadLetterPolicy, FailureClass, RetryOptions, RetryPolicy, Stream } from './stream.js'
import { StreamError } from './streamError.js'

type Fail = (message: string) => StreamError

/** The defaults of a stream's attempts. @throws what `fail` makes of the first field that is wrong */
export function checkedRetry(retry: RetryOptions, isProjection: boolean, fail: Fail): RetryPolicy {
  const full = { attempts: 5, minDelayMs: 100, maxDelayMs: 10_000, ...retry, timeoutMs: retry.timeoutMs ?? null }
  if (!Number.isInteger(full.attempts) || full.attempts < 1)
    throw fail(`retry.attempts must be an integer from 1 on; got ${show(full.attempts)}`)
  for (const field of ['minDelayMs', 'maxDelayMs'] as const) {
    if (!(full[field] >= 0)) throw fail(`retry.${field} must be milliseconds from 0 on; got ${show(full[field])}`)
  }
  if (full.timeoutMs !== null && isProjection) throw fail('retry.timeoutMs is for handle: a projection is a plain function')
  if (full.timeoutMs !== null && !(full.timeoutMs > 0 && full.timeoutMs <= 0x7fff_ffff))
    throw fail(`retry.timeoutMs must be milliseconds above 0; got ${show(full.timeoutMs)}`)
  return full
}

const payloads: readonly unknown[] = ['none', 'redacted', 'full']
const knownFields = new Set(['payload', 'redact', 'ttlMs', 'alertAt'])

/** The defaults of what is kept of a parked change. @throws what `fail` makes of the first field that is wrong */
export function checkedDeadLetters(given: DeadLetterOptions, fail: Fail): DeadLetterPolicy {
  for (const field of Object.keys(given)) if (!knownFields.has(field)) throw fail(`unknown field deadLetters.${field}`)
  const { payload = 'none', redact = [], ttlMs = null, alertAt = null } = given
  if (!payloads.includes(payload)) throw fail(`deadLetters.payload must be one of none, redacted, full; got ${show(payload)}`)
  if (!Array.isArray(redact) || redact.some((name) => typeof name !== 'string'))
    throw fail(`deadLetters.redact must be an array of field names; got ${show(redact)}`)
  if (ttlMs !== null && !(ttlMs >= 1000)) throw fail(`deadLetters.ttlMs must be at least 1000 ms; got ${show(ttlMs)}`)
  if (alertAt !== null && !(Number.isInteger(alertAt) && alertAt > 0))
    throw fail(`deadLetters.alertAt must be an integer from 1 on; got ${show(alertAt)}`)
  return Object.freeze({ payload, redact: Object.freeze([...redact]), ttlMs, alertAt })
}

const classes: readonly unknown[] = ['transient', 'poison', 'fatal'] satisfies FailureClass[]

/** A stream's own table of failures as a function; null: it has none. @throws what `fail` makes of what is no table */
export function checkedClassify(given: Classify | undefined, fail: Fail): Stream['classify'] {
  if (given === undefined) return null
  if (typeof given === 'function') {
    // Nobody could await it between two attempts: what it says would be passed over in silence.
    if (Object.prototype.toString.call(given) === '[object AsyncFunction]')
      throw fail('classify must be a plain function, not an async one')
    return given
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fail(`classify must be a function, or classes by the errors' names and codes; got ${show(given)}`)
  const table = new Map(Object.entries(given))
  for (const [name, of] of table)
    if (!classes.includes(of)) throw fail(`classify.${name} must be one of ${classes.join(', ')}; got ${show(of)}`)
  return (error) => {
    if (typeof error !== 'object' || error === null) return undefined
    const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
    return table.get(String(code)) ?? table.get(String(name))
  }
}

/**
 * A stream with the names of personal fields that its surroundings (a config) add to its own.
 * @throws {StreamError} INVALID_STREAM when it keeps redacted payloads and nobody names a field: "redacted" would quietly mean "full"
 */
export function withRedact<T extends Pick<Stream, 'name' | 'deadLetters'>>(stream: T, names: readonly string[] = []): T {
  const { name, deadLetters } = stream
  const redact = [...new Set([...deadLetters.redact, ...names])]
  if (deadLetters.payload === 'redacted' && redact.length === 0)
    throw new StreamError(
      'INVALID_STREAM',
      `stream ${name}: deadLetters.payload 'redacted' needs the names of the fields: in its deadLetters.redact, or in the config's redact`,
      { details: { stream: name } },
    )
  return { ...stream, deadLetters: { ...deadLetters, redact } }
}

const show = (value: unknown) => JSON.stringify(value) ?? String(value)
