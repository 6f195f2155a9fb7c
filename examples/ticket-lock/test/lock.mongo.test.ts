import { trial } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test('killed three times while customers order and cancel: tickets and orders agree on who has which', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
})

test(
  'the checker notices: a lock that is taken when the worker dies is a rival to the same order afterwards',
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    const { enough: _enough, ...rest } = example
    const naive = { ...rest, streams: new URL('../dist/naive.js', import.meta.url), crashes: example.crashes.slice(0, 1) }
    const { faults } = await trial(naive, { uri: database.uri })
    expect(faults.join('\n')).toMatch(/ticket A\d is locked by order \d-\d+, which is refused/)
  },
)
