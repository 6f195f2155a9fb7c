import { unanswered } from './messages.js'
import { leave } from './owner.js'
import { type Rules, type Step, type StepsOf, begin, land, locksCheckpoint, openOf, withActor } from './server.js'
import { type Actor, type Phase, type State, nobody, positions, savedPlace } from './state.js'

// The steps of an operator's move, as in mongo/moveCheckpoint.ts.

const stepsOf: Partial<Record<Phase, StepsOf>> = { down: plan, reaped: move, opened: commit, unknown: afterSilence }

export function operatorSteps(state: State, index: number, rules: Rules, step: Step): void {
  const actor = state.actors[index]!
  stepsOf[actor.phase]?.(state, index, actor, rules, step)
}

function plan(state: State, index: number, _actor: Actor, { bounds }: Rules, step: Step): void {
  if (state.left.move === 0) return
  const left = { ...state.left, move: state.left.move - 1 }
  const isForgotten = state.saved.position === null
  if (bounds.forgets && !isForgotten) {
    const planned = { phase: 'planned' as const, plan: { rev: state.saved.rev, to: null } }
    step('plans to forget the stream', withActor({ ...state, left }, index, planned), true)
  }
  for (const change of bounds.targets) {
    if (2 * change === savedPlace(state) && !isForgotten) continue
    const planned = { phase: 'planned' as const, plan: { rev: state.saved.rev, to: 2 * change } }
    step(`plans a move behind change ${change}`, withActor({ ...state, left }, index, planned), true)
  }
}

function move(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { rev, to } = actor.plan!
  if (locksCheckpoint(state, actor.session)) return step('meets a write conflict', withActor(state, index, { phase: 'acquired' }))
  const saved = rules.protocol.movedCheckpoint(state.saved, { epoch: actor.epoch, rev, to: to === null ? null : positions[to]! })
  if (saved === null) return step('sees that the plan does not hold', withActor(state, index, { phase: 'left' }))
  const claim = { epoch: actor.epoch, rev }
  const begun = begin(state, {
    session: actor.session,
    by: actor.epoch,
    saved: { ...saved, previous: saved.position === null ? saved.previous : null },
    effects: 0,
    advance: null,
    claim,
    sent: false,
  })
  step('writes its move in a transaction', withActor(begun, index, { phase: 'opened', ended: 'no' }))
}

function commit(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const transaction = openOf(state, actor.session)
  if (transaction === undefined) return step('finds its transaction ended', leave(state, index, rules))
  step('commits its move', withActor(land(state, transaction, rules.bounds), index, { phase: 'left' }))
  if (state.left.unanswered === 0) return
  const sent = begin(unanswered(state), { ...transaction, sent: true })
  step('commits its move and hears nothing', withActor(sent, index, { phase: 'unknown' }), true)
}

/** The answer was lost: it is asked for again, or the command fails. Then its lease is left to expire, with its session listed. */
function afterSilence(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const transaction = openOf(state, actor.session)
  if (transaction) step('asks for its commit again', withActor(land(state, transaction, rules.bounds), index, { phase: 'left' }))
  const next = rules.protocol.order.keepsLeaseInDoubt ? nobody : { phase: 'left' as const }
  step('fails without an answer', withActor(state, index, next))
}
