import { moved, numbersIn, save } from './observer.js'
import type { Protocol } from './protocol.js'
import type { Actor, Bounds, State, Transaction } from './state.js'

// What mongod does: locks, transactions, sessions that are killed. Every write is atomic.

export const withActor = (state: State, index: number, to: Partial<Actor>): State => ({
  ...state,
  actors: state.actors.map((actor, i) => (i === index ? { ...actor, ...to } : actor)),
})

/** Another session's transaction has written the checkpoint: whoever else writes it waits, or fails with a write conflict. */
export const locksCheckpoint = (state: State, session: number) =>
  state.open.some((transaction) => transaction.session !== session && transaction.saved !== null)

export const locksTarget = (state: State, session: number) =>
  state.open.some((transaction) => transaction.session !== session && transaction.effects !== 0)

export const openOf = (state: State, session: number): Transaction | undefined =>
  state.open.find((transaction) => transaction.session === session)

/** Ends these sessions' transactions; nothing of them is ever seen. */
export function kill(state: State, sessions: readonly number[]): State {
  if (!state.open.some(({ session }) => sessions.includes(session))) return state
  const actors = state.actors.map((actor) =>
    sessions.includes(actor.session) && openOf(state, actor.session) ? { ...actor, ended: 'killed' as const } : actor,
  )
  return { ...state, actors, open: state.open.filter(({ session }) => !sessions.includes(session)) }
}

export const begin = (state: State, transaction: Transaction): State => ({
  ...state,
  open: [...state.open.filter(({ session }) => session !== transaction.session), transaction],
})

/** A transaction's commit arrives: everything in it is there at once. */
export function land(state: State, transaction: Transaction, bounds: Bounds): State {
  const { session, by, advance, effects, saved } = transaction
  const closed = {
    ...state,
    open: state.open.filter((other) => other !== transaction),
    actors: state.actors.map((actor) => (actor.session === session ? { ...actor, ended: 'landed' as const } : actor)),
  }
  if (advance === null) return saved === null ? closed : moved(closed, saved, by, transaction.claim.rev, bounds)
  const applied = numbersIn(effects, bounds).reduce<State>((done, n) => apply(done, n, bounds), closed)
  return save(applied, saved ?? state.saved, by, advance, bounds)
}

/** The effect of change `n` on its target, outside of a transaction or in one that lands. */
export function apply(state: State, n: number, { changes }: Bounds): State {
  const kind = changes[n - 1]!
  if (kind === 'guarded' && state.guard >= n) return state
  // How often a mail was repeated decides nothing.
  const count = kind === 'transaction' || kind === 'guarded' ? state.effects[n]! + 1 : 1
  const effects = state.effects.map((effect, i) => (i === n ? count : effect))
  return { ...state, effects, guard: kind === 'guarded' ? n : state.guard }
}

export type Step = (action: string, next: State, fault?: boolean) => void

export interface Rules {
  readonly bounds: Bounds
  readonly protocol: Protocol
}

/** The steps that an actor may take next. */
export type StepsOf = (state: State, index: number, actor: Actor, rules: Rules, step: Step) => void
