import type { Redelivered } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'

/** What a replay or a repair did, for the person who asked for it. */
export function deliveredText(name: string, { delivered, skipped, complete }: Redelivered): string {
  return `${complete ? 'Done' : 'Stopped before the end'}: ${delivered} delivered, ${skipped} skipped; the saved position of ${name} is untouched`
}

/** The error of a replay or repair (`verb`) of which not everything could be done. */
export function partlyFailed(
  verb: 'replay' | 'repair',
  name: string,
  { delivered, skipped, failed, failures }: Redelivered,
): StreamError<'HANDLER_FAILED'> {
  const [first] = failures
  return new StreamError(
    'HANDLER_FAILED',
    `${verb} of ${name}: ${failed} failed or were held back behind a failed one; ${delivered} delivered, ${skipped} skipped`,
    {
      details: {
        stream: name,
        delivered,
        skipped,
        failed,
        why:
          first === undefined
            ? 'The logs above have the reason.'
            : `The first to fail was ${first.error} at ${first.token}; a key stops at its first failure.`,
      },
    },
  )
}
