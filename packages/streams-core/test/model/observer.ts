import type { Advance } from '../../src/ports.js'
import type { Rules } from './server.js'
import type { BrokenPromise } from './promises.js'
import { type Bounds, type Kind, type Saved, type State, placeOf, positions, savedPlace } from './state.js'

// What an observer notes while mongod writes: a state that must never be is marked `broken` with the promise that it breaks.

export const broken = (state: State, promise: BrokenPromise): State =>
  state.broken === null ? { ...state, broken: promise } : state

/** Changes above one place and up to another, as bits. */
export function between(from: number, to: number, { changes }: Bounds): number {
  return changes.reduce((bits, _, i) => (2 * (i + 1) > from && 2 * (i + 1) <= to ? bits | (1 << (i + 1)) : bits), 0)
}

export const numbersIn = (bits: number, { changes }: Bounds) =>
  changes.map((_, i) => i + 1).filter((n) => (bits & (1 << n)) !== 0)

/** A checkpoint is saved by the owner with this epoch. */
export function save(state: State, saved: Saved, by: number, advance: Advance, bounds: Bounds): State {
  const settled = between(savedPlace(state), placeOf(advance.position), bounds)
  const next = { ...state, saved, handled: advance.settled ? state.handled | settled : state.handled }
  if (by < state.ownerEpoch) return broken(next, 'former')
  return checked(state, next, bounds)
}

export function fenced(state: State, saved: Saved, by: number): State {
  const next = { ...state, saved, ownerEpoch: Math.max(by, state.ownerEpoch) }
  const again = by === state.ownerEpoch && saved.owner === state.saved.owner
  if (by <= state.ownerEpoch && !again) return broken(next, 'owner')
  return fell(state, next)
}

/** An operator's move lands. What lies behind a rewind is due again; what a skip jumps over is not due any more. */
export function moved(state: State, saved: Saved, by: number, plannedRev: number, bounds: Bounds): State {
  const from = savedPlace(state)
  const to = savedPlace({ saved })
  const bits = between(Math.min(from, to), Math.max(from, to), bounds)
  const isDueAgain = (n: number) => to < from && (bits & (1 << n)) !== 0 && isRepeated(bounds.changes[n - 1])
  const next: State = {
    ...state,
    saved,
    ownerEpoch: Math.max(by, state.ownerEpoch),
    effects: state.effects.map((count, n) => (isDueAgain(n) ? 0 : count)),
    excused: to > from ? state.excused | bits : state.excused & ~bits,
  }
  if (by <= state.ownerEpoch) return broken(next, 'owner')
  if (state.saved.rev !== plannedRev) return broken(next, 'move')
  return fell(state, next)
}

/** What lies between is not due any more, unless it is put back. */
export function startedAnew(state: State, { bounds, protocol }: Rules): State {
  const { saved } = state
  const from = savedPlace(state)
  const at = positions[2 * bounds.changes.length]!
  const facts = { skipped: saved.skipped, highest: saved.highest, since: null, from: positions[from]!.token, to: at.token }
  return {
    ...state,
    saved: {
      ...saved,
      position: at,
      previous: null,
      skipped: protocol.skippedAfter(facts),
      resetTo: at.token,
      rev: saved.rev + 1,
    },
    excused: state.excused | between(from, placeOf(at), bounds),
  }
}

/** What a rewind does again: a guard refuses it, and a stream with onReplay 'skip' is not called. */
const isRepeated = (kind: Kind | undefined) => kind === 'transaction' || kind === 'outside'

export function leased(state: State, lease: State['lease']): State {
  const after = { ...state, lease }
  return lease.until !== null && lease.owner === null ? broken(after, 'held') : fell(state, after)
}

function fell(before: State, after: State): State {
  if (after.lease.epoch < before.lease.epoch || after.saved.epoch < before.saved.epoch) return broken(after, 'epochs')
  return after
}

/** Every settled change has its effect, a transactional or guarded one once, and no other change has a transactional one. */
function checked(before: State, after: State, { changes }: Bounds): State {
  const place = savedPlace(after)
  for (const [i, kind] of changes.entries()) {
    const n = i + 1
    const count = after.effects[n]!
    const settled = 2 * n <= place
    const excused = (after.excused & (1 << n)) !== 0
    if (settled && !excused && count === 0) return broken(after, 'lost')
    if (kind === 'guarded' && count > 1) return broken(after, 'guarded')
    if (kind === 'transaction' && count > (settled && !excused ? 1 : 0)) return broken(after, 'doubled')
  }
  return fell(before, after)
}
