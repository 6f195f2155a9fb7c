import { classify, isAssertion } from '../core/errorClass.js'
import { isClosedClient, isInfrastructure } from '../core/infrastructure.js'
import { type ErrorCode, errorCodes } from '../errorCodes.js'
import { StreamError, isStreamError } from '../streamError.js'

/** What kept an operator's question from being answered, as a StreamError; `subject` is whom it was about. */
export function fault(error: unknown, subject: string): StreamError {
  if (isStreamError(error)) return error
  const found = classify(error)
  const make = (code: ErrorCode, message: string) =>
    new StreamError(code, `${subject}: ${message}`, { cause: error, details: { subject } })
  const known = (code: ErrorCode) => make(code, `${errorCodes[code].what}; ${errorCodes[code].todo}`)
  if (found.kind === 'fatal') return known(found.code)
  if (isClosedClient(error)) return make('INVALID_OPTIONS', 'the MongoClient was closed; give one that is open')
  if (isInfrastructure(error))
    return make('UNREACHABLE', 'MongoDB does not answer; check the URI, the network and that mongod runs')
  if (isAssertion(error)) return known('SERVER_REFUSED')
  return make('INTERNAL', 'an error that nothing expected; the cause has it')
}

/** Runs `work`; whatever it rejects with becomes a StreamError. */
export async function orFault<T>(subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fault(error, subject)
  }
}
