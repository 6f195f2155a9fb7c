import { describe, expect, test } from 'vitest'
import { documented, tableUnder, written } from './document.js'
import { printed } from './printed.js'
import { promises } from './promises.js'
import { protocol } from './protocol.js'
import { scenarios } from './scenarios.js'
import { type Searched, search } from './search.js'
import type { Bounds, Faults } from './state.js'

const found = new Map<string, Searched>()

describe('in every state that can be reached every promise holds', () => {
  test.each(Object.entries(scenarios))('%s', { timeout: 60_000 }, (name, bounds) => {
    const searched = search(bounds, protocol)
    found.set(name, searched)
    if (searched.counterExample !== null) expect.fail(printed(searched.counterExample))
  })

  test('in three processes, over four changes, with three crashes', () => {
    const { workers, changes, faults } = scenarios['three crashes and a frozen worker']
    expect({ workers, changes: changes.length, crashes: faults.crash }).toEqual({ workers: 3, changes: 4, crashes: 3 })
  })
})

describe('docs/model.md', () => {
  test('has the numbers of this search', () => {
    const rows = Object.entries(scenarios).map(([name, bounds]) => row(name, bounds, found.get(name)!))
    const sum = (of: 'states' | 'transitions') => [...found.values()].reduce((total, searched) => total + searched[of], 0)
    rows.push(`together |  |  | ${written(sum('states'))} | ${written(sum('transitions'))} |`)
    expect(tableUnder('## What is searched').map(trimmed)).toEqual(rows.map(trimmed))
  })

  test('names every step that was taken', () => {
    const actions = new Set([...found.values()].flatMap(({ actions }) => [...actions].map(general)))
    expect([...actions].filter((action) => !documented.includes(`- ${action}`))).toEqual([])
  })

  test('names every promise', () => {
    expect(Object.values(promises).filter((promise) => !documented.includes(`- ${promise}`))).toEqual([])
  })
})

const trimmed = (text: string) => text.replace(/[ |]+$/, '')

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

/** A step without its numbers. */
function general(action: string): string {
  const text = action.replace(/changes \d+ to \d+/, 'changes n to m').replace(/(change|epoch) \d+/, '$1 n')
  return text.startsWith('’') ? text.slice(3) : text
}
