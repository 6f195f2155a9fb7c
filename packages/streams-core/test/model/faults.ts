import { between, fenced, leased, save } from './observer.js'
import { ttl } from './owner.js'
import { type Rules, type Step, begin, land, locksCheckpoint, withActor } from './server.js'
import { type Late, type State, nobody, placeOf, savedPlace } from './state.js'

// What happens to the processes, to time and to messages, without anybody's doing.

export function faultSteps(state: State, index: number, step: Step): void {
  const { phase, paused, epoch } = state.actors[index]!
  if (phase === 'down') return
  const { left } = state
  if (left.crash > 0) step('is killed', withActor({ ...state, left: { ...left, crash: left.crash - 1 } }, index, nobody), true)
  if (paused) {
    // What must go on goes on without it; only when nobody else is awake it has to wake.
    const alone = state.actors.every((actor) => actor.operator || actor.paused)
    step('wakes up', withActor(state, index, { paused: false }), !alone)
  } else if (left.pause > 0 && epoch > 0) {
    step('is frozen', withActor({ ...state, left: { ...left, pause: left.pause - 1 } }, index, { paused: true }), true)
  }
}

/** A lease runs out when nobody renews it; with it the deadlines of whoever was handing out. */
export function timePasses(state: State, step: Step): void {
  const { lease } = state
  if (lease.until === null || lease.until <= 0) return
  const holder = state.actors.find((actor) => actor.phase !== 'down' && actor.epoch === lease.epoch)
  if (holder !== undefined && !holder.paused) return
  const actors = state.actors.map((actor) => ({
    ...actor,
    sentAt: Math.max(actor.sentAt - 1, -1),
    stopAt: actor.stopAt > 0 ? actor.stopAt - 1 : actor.stopAt,
  }))
  step('the lease runs out', { ...state, actors, lease: { ...lease, until: 0 } })
}

/** Messages whose sender heard nothing arrive after all. */
export function lateArrivals(state: State, rules: Rules, step: Step): void {
  for (const transaction of state.open) {
    if (transaction.sent) step('a late commit of a transaction arrives', land(state, transaction, rules.bounds), true)
  }
  for (const message of state.late) {
    const arrived = { ...state, late: state.late.filter((other) => other !== message) }
    if (message.kind === 'renewal' || message.kind === 'release') step(...lateLease(arrived, message, rules), true)
    else if (!locksCheckpoint(state, -1)) step(...lateSave(arrived, message, rules), true)
  }
}

function lateLease(state: State, { kind, by, session }: Late, { protocol }: Rules): readonly [string, State] {
  const lease =
    kind === 'renewal' ? protocol.renewedLease(state.lease, by, ttl) : protocol.releasedLease(state.lease, by, [session])
  if (lease === null) return [`a late ${kind} arrives and matches nothing`, state]
  return [`a late ${kind} of epoch ${by} arrives`, leased(state, lease)]
}

function lateSave(
  state: State,
  { kind, session, by, claim, advance }: Late,
  { protocol, bounds }: Rules,
): readonly [string, State] {
  if (kind === 'fence') {
    const result = protocol.fencedCheckpoint(state.saved, { epoch: by, owner: 'gone', fingerprint: 'f' })
    if (result === null) return ['a late fence arrives and matches nothing', state]
    return [`a late fence of epoch ${by} arrives`, fenced(state, { ...result.checkpoint, fingerprint: null, restarts: 0 }, by)]
  }
  const saved = protocol.committedCheckpoint(state.saved, claim, advance!)
  if (saved === null) return ['a late commit arrives and matches nothing', state]
  if (kind === 'commit') return ['a late commit arrives', save(state, saved, by, advance!, bounds)]
  // Its process, where it lives, goes on with it.
  const effects = between(savedPlace(state), placeOf(advance!.position), bounds)
  return ['a late transaction begins', begin(state, { session, by, claim, advance, saved, effects, sent: true })]
}
