import { advanced, isInTransaction, nothingInHand, toCommitAgain } from './advance.js'
import { broken, save } from './observer.js'
import { sendLate, unanswered } from './messages.js'
import { leave } from './owner.js'
import { type Rules, type Step, kill, land, locksCheckpoint, openOf, withActor } from './server.js'
import { type Actor, type State, advances, nobody } from './state.js'

// What a worker does while it does not know what became of its commit (runtime/makeCertain.ts, mongo/checkpointStore.ts).

/** The answer to a transaction's commit was lost: it is asked for again, or made certain. */
export function afterSilence(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { bounds, protocol } = rules
  const { order } = protocol
  if (order.unknown === 'nothing') step('reads again', withActor(state, index, nothingInHand))
  if (!isInTransaction(actor, rules)) return
  const transaction = openOf(state, actor.session)
  const landed = transaction ? land(state, transaction, bounds) : actor.ended === 'landed' ? state : null
  if (landed !== null) step('asks for its commit again', advanced(landed, index, actor, actor.claim.rev + 1))
  if (order.unknown === 'looks') look(state, index, actor, rules, step)
  if (order.unknown === 'raises rev')
    step('ends its transactions', withActor(kill(state, [actor.session, actor.hung]), index, { phase: 'ended' }))
  if (state.left.unanswered === 0) return
  const next = order.keepsLeaseInDoubt ? nobody : { phase: 'left' as const }
  step('gives up in doubt', withActor(unanswered(state), index, next), true)
}

/** The position is saved once more where it was: whichever of our commits lands first, no other one matches after it. */
export function raiseRev(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { bounds, protocol } = rules
  const { claim, epoch } = actor
  const stay = { ...advances[actor.position]!, settled: false }
  if (locksCheckpoint(state, -1)) return step('runs into its time limit', withActor(state, index, { phase: 'unknown' }))
  const saved = protocol.committedCheckpoint(state.saved, claim, stay)
  if (saved === null) return look(state, index, actor, rules, step)
  const raised = save(state, saved, epoch, stay, bounds)
  step('raises rev', withActor(raised, index, { ...toCommitAgain, claim: { ...claim, rev: saved.rev } }))
  if (state.left.unanswered === 0) return
  step('raises rev and hears nothing', sendLate(unanswered(state), { kind: 'commit', by: epoch, claim, advance: stay }), true)
}

function look(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const from = advances[actor.position]!.position
  const outcome = rules.protocol.unknownCommit({ name: 's', ...actor.claim }, actor.advance!, from, state.saved)
  decided(state, index, actor, outcome, rules, step)
}

/** Its checkpoint matched nothing. */
export function resolve(state: State, index: number, actor: Actor, rules: Rules, step: Step): void {
  const { protocol } = rules
  decided(state, index, actor, protocol.commitOutcome({ name: 's', ...actor.claim }, actor.advance!, state.saved), rules, step)
}

type Outcome = ReturnType<Rules['protocol']['unknownCommit']>

function decided(state: State, index: number, actor: Actor, outcome: Outcome, rules: Rules, step: Step): void {
  switch (outcome.kind) {
    case 'not landed': {
      const claim = { ...actor.claim, rev: outcome.claim.rev }
      return step('looks and sees that it did not land', withActor(state, index, { ...toCommitAgain, claim }))
    }
    case 'committed':
      return step('looks and sees that it landed', advanced(state, index, actor, outcome.claim.rev))
    case 'fenced':
      if (state.saved.epoch > actor.epoch) return step('looks and is fenced', leave(state, index, rules))
      return step('looks and is fenced', broken(leave(state, index, rules), 'told'))
    case 'moved':
      return step('looks and stops', broken(leave(state, index, rules), 'told'))
  }
}
