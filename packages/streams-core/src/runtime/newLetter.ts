import type { Change } from '../change.js'
import { withoutSlices } from '../core/backfill.js'
import { redacted } from '../core/redacted.js'
import type { Delivered, NewLetter } from '../ports.js'
import type { Stream } from '../stream.js'

// Beside what is stored with it, a change must fit into a document.
const mostBytes = 8 * 1024 * 1024

/** A change as it is put aside, with as much of it as the stream's policy keeps. */
export function newLetter(
  stream: Pick<Stream, 'name' | 'deadLetters'>,
  delivered: Delivered,
  { key, state, failure }: Pick<NewLetter, 'key' | 'state' | 'failure'>,
): NewLetter {
  const { change, position } = delivered
  return {
    stream: stream.name,
    position: withoutSlices(position),
    key,
    state,
    operationType: change.operationType,
    documentId: change.documentKey?._id ?? null,
    failure,
    payload: payload(stream, delivered),
    ttlMs: stream.deadLetters.ttlMs,
  }
}

function payload({ deadLetters }: Pick<Stream, 'deadLetters'>, { change, bytes }: Delivered): NewLetter['payload'] {
  if (deadLetters.payload === 'none' || bytes > mostBytes) return null
  if (deadLetters.payload === 'full') return { kind: 'full', change }
  return { kind: 'redacted', change: redacted(change, deadLetters.redact) as Change }
}
