import type { Write } from '../write.js'
import { errorNumber } from './errorClass.js'

const conversionFailure = 241
const duplicateKey = 11000

/** Stands in the server's message when the expression of expectedVersion failed: our own words, which the server repeats. */
export const cameTooEarly = 'came too early'

/**
 * What the server's refusal of guarded writes means: `tooEarly`, the document is not yet at the version before (worth waiting for);
 * `alreadyDone`, the ledger holds the change, so that none of its writes may be done again; null, something else.
 */
export function refusedByGuard(error: unknown, writes: readonly Write[]): 'tooEarly' | 'alreadyDone' | null {
  if (errorNumber(error) === conversionFailure)
    return error instanceof Error && error.message.includes(cameTooEarly) ? 'tooEarly' : null
  if (!isDuplicateKey(error)) return null
  const refused = refusedDocument(error)
  return writes.some((write) => isEntry(write, refused)) ? 'alreadyDone' : null
}

/** Two upserts of one key at once: the second finds it when it is tried again. When it comes again, another unique key is in the way. */
export const isDuplicateKey = (error: unknown): boolean => errorNumber(error) === duplicateKey

/** The insert that a bulkWrite was refused for; the driver hands back the very document that it was given. */
function refusedDocument(error: unknown): unknown {
  const { writeErrors } = error as { readonly writeErrors?: unknown }
  const [first] = (Array.isArray(writeErrors) ? writeErrors : [writeErrors]) as (
    | { readonly err?: { readonly op?: unknown } }
    | undefined
  )[]
  return first?.err?.op
}

function isEntry(write: Write, refused: unknown): boolean {
  return write.guard?.kind === 'oncePerChange' && 'insertOne' in write && write.insertOne.document === refused
}
