import type { MoveOutcome } from '../mongo/moveCheckpoint.js'
import { held } from '../runtime/acquire.js'
import { StreamError } from '../streamError.js'

/** A planned move of one stream; `command` is how it is planned again. */
export interface Planned {
  readonly name: string
  /** Null: nothing was saved. */
  readonly rev: number | null
  readonly command: string
}

/** Why a move was not made, as LEASE_HELD or POSITION_MOVED. */
export function refusedMove({ name, rev, command }: Planned, outcome: Exclude<MoveOutcome, { kind: 'moved' }>): StreamError {
  if (outcome.kind === 'held') return held(name, outcome.lease)
  const worker = outcome.owner === null ? '' : ` (worker ${outcome.owner})`
  const moved = (what: string, details: Readonly<Record<string, unknown>>) => positionMoved({ name, command }, what, details)
  if (outcome.kind === 'busy')
    return moved(`a worker is writing its position right now${worker}; nothing was changed. Stop the worker`, { rev })
  if (outcome.rev === null) return moved('its saved state is gone; nothing was changed. See what happened', { rev: null })
  const former = rev === null ? 'nothing was saved' : `rev was ${rev}`
  return moved(
    `it moved since the plan: ${former}, now it is ${outcome.rev}${worker}; nothing was changed. Stop the worker if it runs`,
    { expected: rev, rev: outcome.rev },
  )
}

function positionMoved(
  { name, command }: Pick<Planned, 'name' | 'command'>,
  what: string,
  details: Readonly<Record<string, unknown>>,
): StreamError<'POSITION_MOVED'> {
  return new StreamError('POSITION_MOVED', `stream ${name}: ${what}, and plan again: ${command}`, {
    details: { stream: name, ...details },
  })
}

/** Holds a move to an earlier plan, of `ifRev`. @throws {StreamError} POSITION_MOVED */
export function requireRev({ name, rev, command }: Planned, ifRev: number | undefined): void {
  if (ifRev === undefined || ifRev === rev) return
  throw positionMoved({ name, command }, `the plan of rev ${ifRev} does not hold any more: rev is ${rev} now`, {
    expected: ifRev,
    rev,
  })
}
