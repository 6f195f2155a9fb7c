import { advanced, changesInHand } from './advance.js'
import { leased } from './observer.js'
import { sendLate, unanswered } from './messages.js'
import { freeSession, leave } from './owner.js'
import { type Rules, type Step, begin, kill, land, locksCheckpoint, locksTarget, openOf, withActor } from './server.js'
import type { Actor, State } from './state.js'

// A checkpoint and its effects in one transaction (mongo/checkpointStore.ts, commitWith): two writes and a commit.

/** The first write. Beginning it ends an older transaction of the same session. */
export function openTransaction(given: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  let state = given
  let { session } = actor
  if (actor.hung === session) return replaceSession(state, index, actor, rules, step)
  if (openOf(state, session)) {
    if (protocol.order.sameSession) state = kill(state, [session])
    else session = freeSession(state)
  }
  const transaction = { session, by: actor.epoch, claim: actor.claim, advance: actor.advance, sent: false }
  if (!protocol.order.checkpointFirst) {
    if (locksTarget(state, session)) return
    const begun = begin(state, { ...transaction, saved: null, effects: changesInHand(actor, rules) })
    return step('writes the effect in a transaction', withActor(begun, index, { phase: 'opened', session, ended: 'no' }))
  }
  // The one that hangs goes on behind its back: with its lock there is no end of write conflicts.
  if (actor.hung !== -1 && openOf(state, actor.hung))
    return step('meets a write conflict', withActor(state, index, { phase: 'unknown' }))
  if (locksCheckpoint(state, session)) return
  const saved = protocol.committedCheckpoint(state.saved, actor.claim, actor.advance!)
  if (saved === null)
    return step('’s checkpoint matches nothing', withActor(state, index, { phase: 'resolve', session, ended: 'no' }))
  const begun = begin(state, { ...transaction, saved, effects: 0 })
  step('writes the checkpoint in a transaction', withActor(begun, index, { phase: 'opened', session, ended: 'no' }))
  if (state.left.unanswered === 0 || actor.hung !== -1) return
  const sent = sendLate(unanswered(state), {
    kind: 'begin',
    session,
    by: actor.epoch,
    claim: actor.claim,
    advance: actor.advance,
  })
  const hanging = { phase: 'unknown', session, hung: session, ended: 'no' } as const
  step('begins a transaction and hears nothing', withActor(sent, index, hanging), true)
}

/** The next transaction needs a session that does not hang; it is listed before its first use. */
function replaceSession(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  const session = freeSession(state)
  const lease = protocol.settledLease(state.lease, actor.epoch, [session, actor.hung])
  if (lease === null && protocol.order.checksListing)
    return step('cannot list a session and is fenced', leave(state, index, rules))
  const listed = lease === null ? state : leased(state, lease)
  step('replaces the session that hangs', withActor(kill(listed, [actor.hung]), index, { session }))
}

export function secondWrite(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  const transaction = openOf(state, actor.session)
  if (transaction === undefined) return step('finds its transaction ended', withActor(state, index, { phase: 'unknown' }))
  if (protocol.order.checkpointFirst) {
    if (locksTarget(state, actor.session)) return
    const both = begin(state, { ...transaction, effects: changesInHand(actor, rules) })
    return step('writes the effects in the transaction', withActor(both, index, { phase: 'written' }))
  }
  if (locksCheckpoint(state, actor.session)) return
  const saved = protocol.committedCheckpoint(state.saved, actor.claim, actor.advance!)
  const ended = { phase: 'resolve', ended: 'no' } as const
  if (saved === null) return step('’s checkpoint matches nothing', withActor(kill(state, [actor.session]), index, ended))
  const both = begin(state, { ...transaction, saved })
  step('writes the checkpoint in the transaction', withActor(both, index, { phase: 'written' }))
}

export function commit(state: State, index: number, actor: Actor, { bounds }: Rules, step: Step): void {
  const transaction = openOf(state, actor.session)
  if (transaction === undefined) return step('finds its transaction ended', withActor(state, index, { phase: 'unknown' }))
  step('commits', advanced(land(state, transaction, bounds), index, actor, actor.claim.rev + 1))
  if (state.left.unanswered === 0) return
  const sent = begin(unanswered(state), { ...transaction, sent: true })
  step('commits and hears nothing', withActor(sent, index, { phase: 'unknown' }), true)
}
