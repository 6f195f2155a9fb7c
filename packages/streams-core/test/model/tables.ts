import { type Mutant, mutants } from './mutants.js'
import { promises } from './promises.js'
import { scenarios } from './scenarios.js'
import type { Searched } from './search.js'
import type { Bounds, Faults } from './state.js'

// The tables of docs/model.md, a row a line.

/** What was searched, by the scenario's name. */
export function searchRows(found: ReadonlyMap<string, Searched>): readonly string[] {
  const rows = Object.entries(scenarios).map(([name, bounds]) => row(name, bounds, found.get(name)!))
  const sum = (of: 'states' | 'transitions') => [...found.values()].reduce((total, searched) => total + searched[of], 0)
  return [...rows, ['together', '', '', written(sum('states')), written(sum('transitions')), ''].join(' | ')]
}

/** `shortest`: steps to a mutant's broken promise, by both their names. */
export function mutantRows(shortest: ReadonlyMap<string, number>): readonly string[] {
  return Object.entries<Mutant>(mutants).flatMap(([name, { rule, scenario, breaks }]) =>
    breaks.map((promise) => [name, rule, promises[promise], scenario, `${shortest.get(`${name} ${promise}`)} steps`].join(' | ')),
  )
}

/** Digits as people write them: 83,412. */
const written = (count: number) => count.toLocaleString('en-US')

function row(name: string, bounds: Bounds, { states, transitions, depth }: Searched): string {
  return [name, described(bounds), faultsOf(bounds.faults), written(states), written(transitions), depth].join(' | ')
}

function described({ workers, changes, targets, batch }: Bounds): string {
  const operator = targets.length > 0 ? ', an operator' : ''
  return `${workers} workers${operator}; ${changes.join(', ')}${batch > 1 ? `, up to ${batch} at once` : ''}`
}

function faultsOf(faults: Faults): string {
  const names: Record<keyof Faults, string> = {
    crash: 'crash',
    pause: 'freeze',
    unanswered: 'lost answer',
    stop: 'clean stop',
    takeOver: 'take-over by order',
    move: 'move',
    heartbeat: 'heartbeat',
    renewal: 'late renewal',
  }
  const some = Object.entries(faults).filter(([, count]) => count > 0)
  return some.map(([fault, count]) => `${count} × ${names[fault as keyof Faults]}`).join(', ')
}
