import { trial } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 120_000

test(
  'killed three times while orders come in: every saga comes to its end, and a refusal has undone what was done before it',
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
  },
)

test('the checker notices: a charge in a write of its own is charged twice', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const naive = { ...example, streams: new URL('../dist/naive.js', import.meta.url), crashes: example.crashes.slice(0, 1) }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/order \d-\d+ is confirmed, and (\d+) of \d+ were paid/)
})
