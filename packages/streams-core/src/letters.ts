import type { ClientSession } from 'mongodb'
import type { Change } from './change.js'
import type { Position } from './core/position.js'
import type { FailureClass } from './stream.js'

// The seam to what was put aside; ports.ts has the others.

/** Why a change was parked. No message by default: it may hold personal data. */
export interface LetterFailure {
  readonly name: string
  readonly code: string | null
  readonly class: FailureClass
  /** Only with the payload policy `full`. */
  readonly message: string | null
  readonly attempts: number
}

/** A change that was put aside: `parked` because it failed, `held` because an earlier one of its key was parked. */
export interface NewLetter {
  readonly stream: string
  readonly position: Position
  /** The lane key's text (core/laneKey.ts). */
  readonly key: string
  readonly state: 'parked' | 'held'
  readonly operationType: string
  /** The changed document's `_id`. */
  readonly documentId: unknown
  /** Null for a held one, which was never tried. */
  readonly failure: LetterFailure | null
  /** The change itself, as far as the stream's policy keeps it. */
  readonly payload: { readonly kind: 'redacted' | 'full'; readonly change: Change } | null
  readonly ttlMs: number | null
}

/** What lies in the dead letters of a stream. */
export interface Held {
  /** The keys that go no further, with the token of the first change that was put aside. */
  readonly keys: ReadonlyMap<string, string>
  readonly parked: number
  /** Token of the last change that was put aside. */
  readonly last: string | null
  /** Keys whose changes an operator wants to be put back. */
  readonly marked: readonly string[]
}

/** A letter as it is put back. */
export interface KeptLetter {
  readonly stream: string
  readonly key: string
  readonly position: Position
  /** Null unless all of it was kept. */
  readonly change: Change | null
}

/** Changes that were put aside. */
export interface DeadLetterStore {
  /** Creates the collection and its indexes; before the first transaction, because inside one that would conflict. */
  ensure(stream: string): Promise<void>
  held(stream: string): Promise<Held>
  /** With a session: in its transaction. Adding one again changes nothing. */
  add(letters: readonly NewLetter[], session: ClientSession | undefined): Promise<void>
  /** The first letter of a key, in stream order. */
  next(stream: string, key: string): Promise<KeptLetter | null>
  /** False when it was not there any more. */
  remove(letter: KeptLetter, session: ClientSession | undefined): Promise<boolean>
  /** It failed again: it is parked, whatever it was, and its key no longer marked. */
  failed(letter: KeptLetter, failure: LetterFailure, session: ClientSession | undefined): Promise<void>
}
