import { DeadLetterError } from '@boletia/streams-core'
import { trial } from '@boletia/example-harness'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { type Data, upcast } from '../src/events.js'
import { example } from '../src/example.js'

// A machine with two busy cores gives the workers a tenth of what they need; each wait has a deadline of its own.
const timeout = 360_000

test('an event of any version is brought to the newest one, and of an unknown one refused for good', () => {
  const newest = { specversion: '3.0', title: { es: 'Pan' }, amount: { cents: 1990, currency: 'MXN' } }
  expect(upcast({ specversion: '1.0', name: 'Pan', price: 19.9 })).toEqual(newest)
  expect(upcast({ specversion: '2.0', name: 'Pan', cents: 1990, currency: 'MXN' })).toEqual(newest)
  expect(upcast(newest as Data)).toEqual(newest)
  expect(() => upcast({ specversion: '4.0' } as unknown as Data)).toThrow(DeadLetterError)
})

test(
  "killed three times over a deploy: what yesterday's worker put aside is put back, and every product is what its last event says",
  { timeout },
  async () => {
    await using database = await testDatabase(inject('mongoUri'))
    expect(await trial(example, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
  },
)

test('the checker notices: without upcasters, fields of other versions are holes', { timeout }, async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const { settle: _settle, ...rest } = example
  const naive = { ...rest, streams: new URL('../dist/naive.js', import.meta.url), crashes: example.crashes.slice(2) }
  const { faults } = await trial(naive, { uri: database.uri })
  expect(faults.join('\n')).toContain('{"title":{"es":""},"amount":{"cents":0,"currency":"MXN"}} is not what event')
})
