import { trial } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { example } from '../src/example.js'

test('killed three times while events come in, the replica applied each version once and in order', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
})

test('the checker notices: without the guard, the batch that a crash repeats is counted twice', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const naive = { ...example, streams: new URL('../dist/naive.js', import.meta.url), crashes: example.crashes.slice(0, 1) }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/the replica has \{.*"stock":\d+.*\} instead of/)
})
