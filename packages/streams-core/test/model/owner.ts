import { sendLate, unanswered } from './messages.js'
import { broken, fenced, leased, startedAnew } from './observer.js'
import { type Rules, type Step, type StepsOf, kill, locksCheckpoint, locksTarget, withActor } from './server.js'
import { type Actor, type Phase, type State, nobody, placeOf, savedPlace } from './state.js'

// Becoming the owner and ceasing to be it: what a worker and an operator's command have in common (runtime/acquire.ts, runtime/claim.ts,
// runtime/leaseKeeper.ts, mongo/leaseStore.ts). Time is relative to now, its unit the lease's ttl.

export const ttl = 1

/** The name under which a worker's process fences. */
export const ownerName = (index: number) => `worker ${index + 1}`

const stepsOf: Partial<Record<Phase, StepsOf>> = {
  planned: acquire,
  acquired: reap,
  reaped: fence,
  fenced: settleList,
  forgotten: begin,
  leaving: releaseCheckpoint,
  left: releaseLease,
}

export function ownerSteps(state: State, index: number, rules: Rules, step: Step): void {
  const actor = state.actors[index]!
  const { phase, operator } = actor
  if (phase === 'down') {
    const beginsFirst = state.saved.position === null && !rules.protocol.order.beginsAsOwner
    return operator ? undefined : (beginsFirst ? begin : acquire)(state, index, actor, rules, step)
  }
  // An operator moves instead.
  if (phase === 'reaped' && operator) return
  const steps = stepsOf[phase] ?? (operator ? undefined : renew)
  steps?.(state, index, actor, rules, step)
}

/** The smallest number that no session of now has: sessions of dead processes without a transaction are as good as gone. */
export function freeSession({ actors, open, late, lease }: State): number {
  for (let session = 0; ; session += 1) {
    const used =
      actors.some((actor) => actor.session === session || actor.hung === session) ||
      open.some((transaction) => transaction.session === session) ||
      late.some((message) => message.session === session) ||
      lease.sessions.includes(session)
    if (!used) return session
  }
}

const isLive = ({ lease }: State) => lease.until !== null && lease.until > 0
/** Nobody when its process is gone. */
const holderOf = ({ actors, lease }: State) =>
  actors.find(({ phase, epoch }) => phase !== 'down' && epoch === lease.epoch && epoch > 0)

function acquire(state: State, index: number, actor: Actor, { protocol }: Rules, step: Step): void {
  const session = freeSession(state)
  const over = actor.over === 0 ? null : actor.over
  const floor = state.saved.epoch
  const lease = protocol.acquiredLease(state.lease, {
    owner: 'a',
    process: null,
    ttlMs: ttl,
    over,
    now: 0,
    floor,
    sessions: [session],
  })
  if (lease !== null) {
    const holder = isLive(state) ? holderOf(state) : undefined
    const forced = holder === undefined ? state.forced : lease.epoch
    const taken = { phase: 'acquired' as const, session, epoch: lease.epoch, over: 0, sentAt: 0 }
    const after = withActor({ ...leased(state, lease), forced }, index, taken)
    const robbed = holder !== undefined && over !== holder.epoch
    return step(`acquires the lease, epoch ${lease.epoch}`, robbed ? broken(after, 'takeOver') : after)
  }
  if (over !== null) return step('comes too late to take over', withActor(state, index, { over: 0 }))
  const gone = holderOf(state) === undefined
  const told = state.left.takeOver > 0 && !actor.operator
  const seen = protocol.leaseToTakeOver(state.lease, { gone, told })
  if (seen === null) return actor.operator ? step('is refused', withActor(state, index, { ...nobody })) : undefined
  const left = gone ? state.left : { ...state.left, takeOver: state.left.takeOver - 1 }
  const after = withActor({ ...state, left }, index, { over: seen })
  if (!gone && !told) return step('takes over without being told to', broken(after, 'takeOver'))
  step(gone ? 'sees that the owner is gone' : 'is told to take over', after, !gone)
}

/** Ends what former owners have open. */
function reap(state: State, index: number, actor: Actor, { protocol }: Rules, step: Step): void {
  const { stopAt } = protocol.leaseTimes(actor.sentAt, ttl)
  const former = state.lease.sessions.filter((session) => session !== actor.session)
  const reaped = protocol.order.killsBeforeFence ? kill(state, former) : state
  step('kills the former sessions', withActor(reaped, index, { phase: 'reaped', stopAt, position: savedPlace(state) }))
}

function fence(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  if (locksCheckpoint(state, actor.session))
    return step('’s fence runs into its time limit', withActor(state, index, { phase: 'acquired' }))
  const result = protocol.fencedCheckpoint(state.saved, { epoch: actor.epoch, owner: ownerName(index), fingerprint: 'f' })
  if (result === null) {
    const isOwner = state.saved.epoch === actor.epoch && state.saved.owner === ownerName(index)
    const left = leave(state, index, rules)
    return step('is fenced before it began', isOwner ? broken(left, 'told') : left)
  }
  const { checkpoint } = result
  const after = fenced(state, { ...checkpoint, fingerprint: null, restarts: 0 }, actor.epoch)
  if (checkpoint.position === null) return step('fences and finds no position', withActor(after, index, { phase: 'forgotten' }))
  const position = protocol.order.positionFromFence ? placeOf(checkpoint.position) : actor.position
  const { epoch, rev, highest, skipped } = checkpoint
  step('fences', withActor(after, index, { phase: 'fenced', claim: { epoch, rev }, position, highest, skipped }))
  if (state.left.unanswered === 0) return
  step('fences, hears nothing and gives up', withActor(unanswered(after), index, { phase: 'left' }), true)
  step('fences, hears nothing and fences again', withActor(unanswered(after), index, { phase: 'acquired' }), true)
  const sent = sendLate(unanswered(state), { kind: 'fence', by: actor.epoch })
  step('’s fence does not arrive, not yet', withActor(sent, index, { phase: 'left' }), true)
}

/** A stream that was forgotten begins like a new one: now, which is behind every change. Then it is fenced once more (runtime/claim.ts). */
function begin(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const isForgotten = state.saved.position === null
  if (isForgotten && locksCheckpoint(state, -1)) return
  const begun = isForgotten ? startedAnew(state, rules) : state
  step('starts the stream anew', withActor(begun, index, { phase: actor.phase === 'down' ? 'down' : 'acquired' }))
}

function settleList(state: State, index: number, { epoch, session }: Actor, { protocol }: Rules, step: Step): void {
  const lease = protocol.settledLease(state.lease, epoch, [session])
  step('forgets the former sessions', withActor(lease === null ? state : leased(state, lease), index, { phase: 'run' }))
}

function renew(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  const lease = protocol.renewedLease(state.lease, actor.epoch, ttl)
  if (lease === null) {
    // With a change in hand it learns it all the same, after the change; with a lock in its way it does not wait for ever.
    const inHand = actor.phase !== 'run' && actor.phase !== 'unknown' && actor.phase !== 'ended'
    if (!inHand || isLocked(state, actor)) step('cannot renew and is fenced', leaveInDoubt(state, index, rules))
    return
  }
  const { stopAt } = protocol.leaseTimes(0, ttl)
  if (stopAt !== actor.stopAt || lease.until !== state.lease.until)
    step('renews', withActor(leased(state, lease), index, { stopAt }))
  if (state.left.renewal === 0) return
  const left = { ...state.left, renewal: state.left.renewal - 1 }
  step('renews and hears nothing', sendLate({ ...state, left }, { kind: 'renewal', by: actor.epoch }), true)
}

/** Its next write waits for somebody's transaction. The server itself ends that one too, but only after a minute. */
const isLocked = (state: State, { phase, session }: Actor) =>
  (phase === 'handed' || phase === 'written') && (locksCheckpoint(state, session) || locksTarget(state, session))

function releaseCheckpoint(state: State, index: number, actor: Actor, { protocol }: Rules, step: Step): void {
  if (state.left.unanswered > 0)
    step('releases the checkpoint and hears nothing', withActor(unanswered(state), index, { phase: 'left' }), true)
  if (locksCheckpoint(state, -1)) {
    if (state.lease.epoch > actor.epoch) step('gives up waiting', withActor(state, index, { phase: 'left' }))
    return
  }
  const saved = protocol.releasedCheckpoint(state.saved, actor.claim, null, false) ?? state.saved
  step('releases the checkpoint', withActor({ ...state, saved }, index, { phase: 'left' }))
}

function releaseLease(state: State, index: number, { epoch, session, hung }: Actor, rules: Rules, step: Step): void {
  step('releases the lease', leave(state, index, rules))
  if (state.left.unanswered === 0) return
  step('releases the lease and it never arrives', withActor(unanswered(state), index, nobody), true)
  if (hung !== -1) return
  const sent = sendLate(unanswered(state), { kind: 'release', by: epoch, session })
  step('releases the lease and hears nothing', withActor(sent, index, nobody), true)
}

/** Who does not know what became of its transaction leaves its lease as it is: the next owner must find the session. */
function leaveInDoubt(state: State, index: number, rules: Rules): State {
  const { phase } = state.actors[index]!
  const doubts = rules.protocol.order.keepsLeaseInDoubt && (phase === 'unknown' || phase === 'ended')
  return doubts ? withActor(state, index, nobody) : leave(state, index, rules)
}

/** The run ends, and its lease with it where it still is its own. A supervisor may start it again. */
export function leave(state: State, index: number, { protocol }: Rules): State {
  const { epoch, session, hung } = state.actors[index]!
  const lease = protocol.releasedLease(state.lease, epoch, [session, hung])
  return withActor(lease === null ? state : leased(state, lease), index, nobody)
}
