import { advanced, isInTransaction, lastChange } from './advance.js'
import { afterSilence, raiseRev, resolve } from './doubt.js'
import { apply, type Rules, type Step, type StepsOf, locksCheckpoint, locksTarget, withActor } from './server.js'
import { broken, save } from './observer.js'
import { sendLate, unanswered } from './messages.js'
import { type Actor, type Phase, type State, advances } from './state.js'
import { commit, openTransaction, secondWrite } from './transaction.js'

// The steps of a worker from its fence to its release, as in runtime/ and mongo/checkpointStore.ts: one access to the server each.

const stepsOf: Partial<Record<Phase, StepsOf>> = {
  run: readOn,
  handed: (...args) => (isInTransaction(args[2], args[3]) ? openTransaction : effectOutside)(...args),
  opened: secondWrite,
  written: (...args) => (isInTransaction(args[2], args[3]) ? commit : saveOutside)(...args),
  unknown: (...args) => {
    // Outside of a transaction the effects are done: only their checkpoint is repeated.
    if (!isInTransaction(args[2], args[3])) saveOutside(...args)
    afterSilence(...args)
  },
  ended: raiseRev,
  resolve,
}

export function workerSteps(state: State, index: number, rules: Rules, step: Step): void {
  const actor = state.actors[index]!
  stepsOf[actor.phase]?.(state, index, actor, rules, step)
}

function readOn(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { bounds, protocol } = rules
  const next = Math.floor(actor.position / 2) + 1
  if (protocol.mayHandOut({ renewAt: 0, stopAt: actor.stopAt }, 0)) {
    const sizes = Array.from({ length: bounds.batch }, (_, i) => i + 1)
    for (const size of sizes) handOut(state, index, actor, next, next + size - 1, rules, step)
  }
  if (state.left.heartbeat > 0 && actor.position % 2 === 0) {
    const left = { ...state.left, heartbeat: state.left.heartbeat - 1 }
    const begun = withActor({ ...state, left }, index, { phase: 'written', advance: advances[actor.position + 1]! })
    step('begins a heartbeat', begun, true)
  }
  if (state.left.stop > 0) {
    const left = { ...state.left, stop: state.left.stop - 1 }
    step('is told to stop', withActor({ ...state, left }, index, { phase: 'leaving' }), true)
  }
}

/** Changes `first` to `last`, which get one checkpoint. */
function handOut(
  state: State,
  index: number,
  actor: Actor,
  first: number,
  last: number,
  { bounds: { changes }, protocol }: Rules,
  step: Step,
): void {
  const kinds = changes.slice(first - 1, last)
  const [kind] = kinds
  const canGather = kind !== 'once'
  if (kind === undefined || kinds.length <= last - first || !(first === last || canGather)) return
  if (kinds.some((other) => other !== kind)) return
  const advance = advances[2 * last]!
  const isReplay = (n: number) => protocol.isReplay(advances[2 * n]!.position.token, actor.highest, actor.skipped)
  const skips = kind === 'once' && isReplay(first)
  let begun = withActor(state, index, { phase: skips ? 'written' : 'handed', advance })
  for (let n = first; n <= last; n += 1) begun = watchedHandOut(begun, actor, n, isReplay(n))
  const which = first === last ? `change ${first}` : `changes ${first} to ${last}`
  step(skips ? `skips ${which}, a replay` : `is handed ${which}`, begun)
}

function watchedHandOut(state: State, { epoch, claim }: Actor, change: number, replay: boolean): State {
  const { lease, saved } = state
  const surely = lease.epoch === epoch && lease.until !== null && lease.until > 0
  if (!surely && epoch >= state.forced) return broken(state, 'handOut')
  const isOwner = epoch === state.ownerEpoch && claim.epoch === saved.epoch
  if (isOwner && replay !== ((state.handled & (1 << change)) !== 0)) return broken(state, 'replay')
  return state
}

function effectOutside(state: State, index: number, actor: Actor, { bounds }: Rules, step: Step): void {
  const n = Math.max(actor.done, Math.floor(actor.position / 2)) + 1
  if (bounds.changes[n - 1] === 'guarded' && locksTarget(state, actor.session)) return
  const to = n === lastChange(actor) ? { phase: 'written' as const, done: 0 } : { done: n }
  step(`does the effect of change ${n}`, withActor(apply(state, n, bounds), index, to))
}

function saveOutside(state: State, index: number, actor: Actor, { bounds, protocol }: Rules, step: Step): void {
  const advance = actor.advance!
  const { claim, epoch } = actor
  if (state.left.unanswered > 0) {
    const sent = sendLate(unanswered(state), { kind: 'commit', by: epoch, claim, advance })
    step('saves the checkpoint and hears nothing', withActor(sent, index, { phase: 'unknown' }), true)
  }
  if (locksCheckpoint(state, -1)) return
  const saved = protocol.committedCheckpoint(state.saved, claim, advance)
  if (saved === null) return step('’s checkpoint matches nothing', withActor(state, index, { phase: 'resolve' }))
  step('saves the checkpoint', advanced(save(state, saved, epoch, advance, bounds), index, actor, claim.rev + 1))
}
