import type { Document } from 'mongodb'

/** What `$changeStreamSplitLargeEvent` says of each part of a change: which one it is, from 1, of how many. */
interface SplitEvent {
  readonly fragment: number
  readonly of: number
}

/** Whether nothing of the change is missing behind this part of it. Parts come one after the other, each with some of the change's top-level fields. */
export function isLastFragment(part: Document): boolean {
  const split = splitEvent(part)
  return split === null || split.fragment === split.of
}

/**
 * A change out of all its parts, in their order; one that was not split is its own only part. Null when a part is missing, doubled or of another change:
 * then nothing is known of the change, and nothing may be made of it.
 * `_id` is that of the first part; it is a token at which only a pipeline that splits can go on: the caller puts the change's own there.
 */
export function joinFragments(parts: readonly Document[]): Document | null {
  const of = splitEvent(parts[0] ?? {})?.of ?? 1
  if (parts.length !== of) return null
  const whole = new Map<string, unknown>()
  for (const [index, part] of parts.entries()) {
    const split = splitEvent(part)
    if (parts.length > 1 && (split?.fragment !== index + 1 || split.of !== of)) return null
    for (const [name, value] of Object.entries(part)) {
      if (name === 'splitEvent') continue
      if (name !== '_id' && whole.has(name)) return null
      if (!whole.has(name)) whole.set(name, value)
    }
  }
  return Object.fromEntries(whole)
}

function splitEvent(part: Document): SplitEvent | null {
  const { fragment, of } = (part['splitEvent'] ?? {}) as { readonly fragment?: unknown; readonly of?: unknown }
  // A client may decode numbers as it likes.
  return fragment === undefined ? null : { fragment: Number(fragment), of: Number(of) }
}
