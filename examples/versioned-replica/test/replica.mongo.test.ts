import { type Example, trial, untilOver } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'
import { record } from '../src/warehouse.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test('killed three times while events come in, the replica applied each version once and in order', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
})

test('the checker notices: without the guard, the batch that a crash repeats is counted twice', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const naive: Example = {
    ...example,
    streams: new URL('../dist/naive.js', import.meta.url),
    crashes: example.crashes.slice(0, 1),
    // A price that is set twice is no harm: whatever batch is repeated, its pieces are counted.
    work: (db, over) => untilOver(over, 4, (user, turn) => record(db, `product ${turn % 5}`, { pieces: 1 + user })),
  }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/the replica has \{.*"stock":\d+.*\} instead of/)
})
