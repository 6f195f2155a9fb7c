import { canonical } from './canonical.js'
import { faultSteps, lateArrivals, timePasses } from './faults.js'
import { operatorSteps } from './operator.js'
import { ownerSteps } from './owner.js'
import type { BrokenPromise } from './promises.js'
import type { Protocol } from './protocol.js'
import type { Rules } from './server.js'
import { type Bounds, type State, initial, savedPlace } from './state.js'
import { workerSteps } from './worker.js'

/** A promise that was broken, and the shortest way there. */
export interface CounterExample {
  readonly promise: BrokenPromise
  readonly steps: readonly { readonly action: string; readonly state: State }[]
}

export interface Searched {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** Every step that was taken. */
  readonly actions: ReadonlySet<string>
  readonly counterExample: CounterExample | null
}

/** `who` is the index of an actor, -1: nobody's doing. `fault`: nothing may rely on it happening. */
type Visit = (who: number, action: string, next: State, fault: boolean) => void

function successors(state: State, rules: Rules, visit: Visit): void {
  for (const [index, actor] of state.actors.entries()) {
    const step = (action: string, next: State, fault = false) => visit(index, action, next, fault)
    faultSteps(state, index, step)
    if (actor.paused) continue
    ownerSteps(state, index, rules, step)
    if (actor.operator) operatorSteps(state, index, rules, step)
    else workerSteps(state, index, rules, step)
  }
  const step = (action: string, next: State, fault = false) => visit(-1, action, next, fault)
  timePasses(state, step)
  lateArrivals(state, rules, step)
}

/** Everything is settled, and nothing is left open that could hold up the next change. */
function isGood(state: State, { changes }: Bounds): boolean {
  return savedPlace(state) >= 2 * changes.length && state.open.length === 0
}

const limit = 1_000_000

/**
 * Visits every state that is reachable within the bounds, breadth first, and stops at the first broken promise (of `only`, where it is given).
 * Then checks that nothing is stuck: from every state a good one is reachable by steps that are no fault.
 */
export function search(bounds: Bounds, protocol: Protocol, only: BrokenPromise | null = null): Searched {
  const rules = { bounds, protocol }
  const known = new Map<string, number>()
  const states: State[] = []
  const parents: number[] = []
  const depths: number[] = []
  // Steps that are no fault, for the way back.
  const from: number[] = []
  const to: number[] = []
  let transitions = 0
  let found = -1

  function add(given: State, parent: number): number {
    const watched = given.broken !== null && (only === null || only === given.broken)
    const state = given.broken !== null && !watched ? { ...given, broken: null } : given
    // A broken state is one of its own, whatever it looks like.
    const key = watched ? '!' : canonical(state)
    const former = known.get(key)
    if (former !== undefined) return former
    const id = states.push(state) - 1
    known.set(key, id)
    parents.push(parent)
    depths.push(parent === -1 ? 0 : depths[parent]! + 1)
    if (watched) found = id
    return id
  }

  const actions = new Set<string>()
  add(initial(bounds), -1)
  for (let id = 0; id < states.length; id += 1) {
    if (found !== -1) break
    if (states.length > limit) throw new Error(`more than ${limit} states: narrow the bounds`)
    successors(states[id]!, rules, (_who, action, next, fault) => {
      transitions += 1
      actions.add(action)
      const target = add(next, id)
      if (!fault) {
        from.push(id)
        to.push(target)
      }
    })
  }
  const counted = { states: states.length, transitions, depth: depths.at(-1)!, actions }
  if (found !== -1) return { ...counted, counterExample: example(states[found]!.broken!, found) }
  const stuck = only === null || only === 'stuck' ? firstStuck() : -1
  return { ...counted, counterExample: stuck === -1 ? null : example('stuck', stuck) }

  function firstStuck(): number {
    const good = new Uint8Array(states.length)
    const waiting: number[] = []
    for (const [id, state] of states.entries()) {
      if (!isGood(state, bounds)) continue
      good[id] = 1
      waiting.push(id)
    }
    const heads = new Int32Array(states.length + 1)
    for (const target of to) heads[target + 1]! += 1
    for (let i = 1; i < heads.length; i += 1) heads[i]! += heads[i - 1]!
    const next = heads.slice()
    const sources = new Int32Array(to.length)
    for (let edge = 0; edge < to.length; edge += 1) sources[next[to[edge]!]!++] = from[edge]!
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (let i = heads[id]!; i < heads[id + 1]!; i += 1) {
        const source = sources[i]!
        if (good[source]) continue
        good[source] = 1
        waiting.push(source)
      }
    }
    return good.indexOf(0)
  }

  function example(promise: BrokenPromise, end: number): CounterExample {
    const path: number[] = []
    for (let id = end; id !== -1; id = parents[id]!) path.unshift(id)
    const steps = path.map((id, i) => ({
      state: states[id]!,
      action: i === 0 ? 'at first' : actionTo(states[path[i - 1]!]!, id),
    }))
    return { promise, steps }
  }

  function actionTo(state: State, id: number): string {
    const { broken } = states[id]!
    let name = ''
    successors(state, rules, (who, action, next) => {
      const isIt = broken === null ? known.get(canonical(next)) === id : next.broken === broken
      if (name === '' && isIt) name = named(state, who, action)
    })
    return name
  }
}

function named({ actors }: State, who: number, action: string): string {
  if (who === -1) return action
  const name = actors[who]!.operator ? 'the operator' : `worker ${who + 1}`
  return action.startsWith('’') ? name + action : `${name} ${action}`
}
