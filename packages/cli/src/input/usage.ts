import { StreamError } from '@boletia/streams-core/errors'

/** A mistake on the command line (exit 2): what is wrong, and how it is written right. */
export function usage(message: string, why: string, help?: string): StreamError<'USAGE'> {
  return new StreamError('USAGE', message, { details: { why, ...(help !== undefined && { help }) } })
}
