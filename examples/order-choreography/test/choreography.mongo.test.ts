import { trial } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test(
  'killed three times while orders come in: stock, drivers and orders agree, and every order has come to an end',
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
  },
)

test('the checker notices: stock that is taken in a write of its own is taken twice', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  // Nothing ever comes back from its stock.
  const { enough: _enough, ...rest } = example
  const naive = { ...rest, streams: new URL('../dist/naive.js', import.meta.url), crashes: example.crashes.slice(0, 1) }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/\d+ left and \d+ sold are not 300/)
})
