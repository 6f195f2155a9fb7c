import { describe, expect, test } from 'vitest'
import { tableUnder } from './document.js'
import { type Mutant, mutants } from './mutants.js'
import { printed } from './printed.js'
import { scenarios } from './scenarios.js'
import { search } from './search.js'
import { mutantRows } from './tables.js'

const all: readonly (readonly [string, Mutant])[] = Object.entries(mutants)
const shortest = new Map<string, number>()

describe.each(all)('%s', (name, { rule, scenario, breaks, protocol }) => {
  test.each(breaks)(`found by rule ${rule}, as a broken promise: %s`, { timeout: 60_000 }, (promise) => {
    const { counterExample } = search(scenarios[scenario], protocol, promise)
    expect(counterExample?.promise).toBe(promise)
    shortest.set(`${name} ${promise}`, counterExample!.steps.length - 1)
  })
})

test('docs/model.md has each mutant with the promise that it breaks and the length of the shortest way there', () => {
  expect(tableUnder('## Mutants')).toEqual(mutantRows(shortest))
})

test('a counter-example is a list of steps that one can read', () => {
  const { scenario, protocol } = mutants['an unknown commit counts as not landed']
  const { counterExample } = search(scenarios[scenario], protocol, 'doubled')
  expect(printed(counterExample!)).toMatchInlineSnapshot(`
    "Broken: no transactional effect is doubled, or there without its checkpoint
     1. worker 1 acquires the lease, epoch 1
     2. worker 1 kills the former sessions
     3. worker 1 fences
     4. worker 1 forgets the former sessions
     5. worker 1 is handed change 1
     6. worker 1 writes the checkpoint in a transaction
     7. worker 1 writes the effects in the transaction
     8. worker 1 commits and hears nothing
     9. a late commit of a transaction arrives
    10. worker 1 ends its transactions
    11. worker 1 looks and sees that it did not land
    12. worker 1 writes the checkpoint in a transaction
    13. worker 1 writes the effects in the transaction
    14. worker 1 commits
    Lease: epoch 1, live, 1 sessions listed
    Saved: behind change 1, epoch 1, rev 2
    Effects of the changes: 2, 0
    Open transactions: none
    At work: worker with epoch 1: run"
  `)
})
