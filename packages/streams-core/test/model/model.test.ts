import { describe, expect, test } from 'vitest'
import { documented, tableUnder } from './document.js'
import { printed } from './printed.js'
import { promises } from './promises.js'
import { protocol } from './protocol.js'
import { scenarios } from './scenarios.js'
import { type Searched, search } from './search.js'
import { searchRows } from './tables.js'

const found = new Map<string, Searched>()

describe('in every state that can be reached every promise holds', () => {
  test.each(Object.entries(scenarios))('%s', { timeout: 120_000 }, (name, bounds) => {
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
    expect(tableUnder('## What is searched')).toEqual(searchRows(found))
  })

  test('names every step that was taken', () => {
    const actions = new Set([...found.values()].flatMap(({ actions }) => [...actions].map(general)))
    expect([...actions].filter((action) => !documented.includes(`- ${action}`))).toEqual([])
  })

  test('names every promise', () => {
    expect(Object.values(promises).filter((promise) => !documented.includes(`- ${promise}`))).toEqual([])
  })
})

/** A step without its numbers. */
function general(action: string): string {
  const text = action.replace(/changes \d+ to \d+/, 'changes n to m').replace(/(change|epoch) \d+/, '$1 n')
  return text.startsWith('’') ? text.slice(3) : text
}
