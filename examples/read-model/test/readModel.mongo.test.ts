import { trial } from '@boletia/example-harness'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { playedIn } from '../src/example.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test(
  'killed three times, twice while version 2 is built beside customers who write: both versions count every order once',
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    await using read = await readDatabase(database)
    expect(await trial(playedIn(read.name), { uri: database.uri })).toEqual({ kills: 3, faults: [] })
  },
)

test('the checker notices: a copy that was interrupted is taken for a whole one', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  await using read = await readDatabase(database)
  const naive = {
    ...playedIn(read.name),
    streams: new URL('../dist/naive.js', import.meta.url),
    crashes: [{ wrote: 'customers_v2', nth: 100 }],
  }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/v2: customer \d+ has \d+ orders of \d+ instead of/)
  expect(faults.join('\n')).not.toContain('v1:')
})

/** Another database, gone with the test. */
async function readDatabase(database: TestDatabase) {
  const name = `${database.name}_read`
  await database.widen(name)
  return { name, [Symbol.asyncDispose]: async () => void (await database.admin.client.db(name).dropDatabase()) }
}
