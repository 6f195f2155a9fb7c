import type { Skip } from './stream.js'

/** What a handler returns to say that it deliberately did nothing; `reason` is for operators, keep personal data out. */
export function skip(reason: string): Skip {
  return Object.freeze({ skipped: reason })
}
