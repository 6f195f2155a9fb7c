import { classify, isAssertion } from '../core/errorClass.js'
import { isClosedClient, isInfrastructure, isSilence } from '../core/infrastructure.js'
import type { Position } from '../core/position.js'
import type { CommitOutcome, SavedError } from '../ports.js'
import type { ErrorCode } from '../errorCodes.js'
import { StreamError, isStreamError } from '../streamError.js'

const hints = {
  HISTORY_LOST: (name: string) =>
    `the server's oplog no longer holds its position, so changes are lost; choose where to go on: boletia-streams reset ${name} --to earliest`,
  TOKEN_UNUSABLE: (name: string) =>
    `the server cannot open its saved resume token; give another position: boletia-streams reset ${name} --to <time>`,
  IMAGE_MISSING: (name: string) =>
    `a change has no pre- or post-image, and the stream requires it: it has expired, or the collection did not keep images when it was written (the cause names the time); set fullDocument or fullDocumentBeforeChange to 'whenAvailable' and go on with boletia-streams run ${name} --accept-drift --confirm ${name}, or jump over the change with boletia-streams reset ${name} --to <time>`,
  UNAUTHORISED: () =>
    'the database user may not do this; grant it the read role on the watched database and readWrite on the state and the targets',
  NOT_A_REPLICA_SET: () =>
    'this MongoDB is a standalone server and has no change streams; start it with --replSet rs0 and run rs.initiate() once',
  SERVER_REFUSED: () => 'the server refuses its pipeline or options; the cause has the server’s words',
} as const

const closedClient =
  'its MongoClient was closed, and must stay open for as long as the stream runs: stop the run and await its done first, then close the client'

/** What stopped a stream, as a StreamError: the driver's errors by their number, the unknown ones as a bug. */
export function stoppedBy(error: unknown, stream: string): StreamError {
  if (isStreamError(error)) return error
  const found = classify(error)
  if (found.kind === 'fatal' && found.code in hints) {
    const code = found.code as keyof typeof hints
    return new StreamError(code, `stream ${stream}: ${hints[code](stream)}`, { cause: error, details: { stream } })
  }
  if (isClosedClient(error))
    return new StreamError('INVALID_OPTIONS', `stream ${stream}: ${closedClient}`, { cause: error, details: { stream } })
  if (isInfrastructure(error)) {
    // Its text is ours, and says what was waited for: a majority that lags is no matter of the URI.
    const why = isSilence(error)
      ? `${(error as Error).message}; see with rs.status() whether a majority of the members is up and not far behind, then start again`
      : 'MongoDB does not answer; check the URI, the network and that mongod runs'
    return new StreamError('UNREACHABLE', `stream ${stream}: ${why}`, { cause: error, details: { stream } })
  }
  if (isAssertion(error)) {
    const message = `stream ${stream}: ${hints.SERVER_REFUSED()}`
    return new StreamError('SERVER_REFUSED', message, { cause: error, details: { stream } })
  }
  return new StreamError('INTERNAL', `stream ${stream}: an error that nothing expected; the cause has it`, {
    cause: error,
    details: { stream },
  })
}

/** A handler that used up its attempts. Its own message stays in `cause`: it may hold personal data. */
export function handlerFailed(
  error: unknown,
  stream: string,
  position: Position,
  attempts: number,
): StreamError<'HANDLER_FAILED'> {
  const times = attempts === 1 ? 'once' : `${attempts} times`
  return new StreamError(
    'HANDLER_FAILED',
    `stream ${stream}: the handler failed ${times} at change ${position.token}; nothing of it was saved, the next run begins with it`,
    {
      cause: error,
      details: { stream, token: position.token, clusterTime: position.clusterTime, attempts },
    },
  )
}

const ofTheStream: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FENCED',
  'POSITION_MOVED',
  'HANDLER_FAILED',
  'PARK_FAILED',
  'UNREACHABLE',
  'UNAUTHORISED',
  'SERVER_REFUSED',
  'INTERNAL',
])

/** What stops a stream, or passes, whatever the change is that was in hand: blamed on that, it would be tried again or parked. */
export function isNoFaultOfAChange(error: unknown): boolean {
  return (isStreamError(error) && ofTheStream.has(error.code)) || isInfrastructure(error)
}

/** The claim matched nothing: somebody else is the owner now, or has moved the position. */
export function lostClaim(outcome: Exclude<CommitOutcome, { kind: 'committed' }>, stream: string): StreamError {
  if (outcome.kind === 'fenced') {
    return new StreamError(
      'FENCED',
      `stream ${stream}: another worker or an operator took it over (epoch ${outcome.epoch}); this worker saved nothing more`,
      {
        details: { stream, epoch: outcome.epoch },
      },
    )
  }
  return new StreamError(
    'POSITION_MOVED',
    `stream ${stream}: its position was moved by somebody else (rev ${outcome.rev}); see boletia-streams history ${stream}`,
    {
      details: { stream, rev: outcome.rev },
    },
  )
}

/** The change failed, and where it was to be put aside refused it. */
export function parkFailed(cause: unknown, stream: string, { token }: Position): StreamError<'PARK_FAILED'> {
  return new StreamError(
    'PARK_FAILED',
    `stream ${stream}: change ${token} could not be parked (the cause has the server's words); nothing of it was saved, the next run begins with it`,
    { cause, details: { stream, token } },
  )
}

/** What operators find of a stop by `fault`; never its message. */
export function savedError({ code, name, cause, details: { token } }: StreamError, now: number): SavedError {
  const ofAChange = code === 'HANDLER_FAILED' || code === 'PARK_FAILED'
  return {
    code,
    name: cause instanceof Error ? cause.name : name,
    at: new Date(now),
    token: ofAChange && typeof token === 'string' ? token : null,
  }
}
