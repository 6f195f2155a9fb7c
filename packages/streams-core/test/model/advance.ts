import { between } from './observer.js'
import { type Rules, withActor } from './server.js'
import { type Actor, type State, placeOf } from './state.js'

/** The last change that the checkpoint in hand settles. */
export const lastChange = ({ advance }: Actor) => placeOf(advance!.position) / 2

/** The changes that it settles, as bits. */
export const changesInHand = ({ advance, position }: Actor, { bounds }: Rules) =>
  between(position, placeOf(advance!.position), bounds)

export const isInTransaction = (actor: Actor, { bounds }: Rules) =>
  actor.advance!.settled && bounds.changes[lastChange(actor) - 1] === 'transaction'

/** The worker knows that its checkpoint landed (runtime/progress.ts). */
export function advanced(state: State, index: number, actor: Actor, rev: number): State {
  const { position, settled } = actor.advance!
  const highest = settled && (actor.highest === null || position.token > actor.highest) ? position.token : actor.highest
  const claim = { ...actor.claim, rev }
  return withActor(state, index, { ...nothingInHand, claim, position: placeOf(position), highest })
}

/** It did not land and never will: the same changes are committed again, and nobody is handed anything (runtime/committer.ts). */
export const toCommitAgain = { phase: 'handed', ended: 'no' } as const

/** It reads on. */
export const nothingInHand = { phase: 'run', advance: null, done: 0, ended: 'no' } as const
