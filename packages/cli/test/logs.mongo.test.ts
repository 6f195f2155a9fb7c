import { defineStream, runStream } from '@boletia/streams-core'
import { testDatabase } from '@boletia/streams-core/testing'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'

test('logs of pino have a bound stream, once, and with a change its token and the attempt; of an error neither message nor stack', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('source')
  const stream = defineStream({
    name: 'copies',
    watch: { collection: 'source' },
    retry: { attempts: 2, minDelayMs: 1 },
    handle(_change, { attempt, log }) {
      log.info('in hand')
      if (attempt === 1) throw Object.assign(new TypeError('ana@example.com is away'), { code: 'EAWAY' })
    },
  })
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) })
  await runStream(stream, { client: place.client, until: 'caught-up' }).done
  await place.db.collection('source').insertOne({}, { writeConcern: { w: 'majority' } })
  await runStream(stream, { client: place.client, until: 'caught-up', log }).done
  const token = expect.stringMatching(/^82[0-9A-F]+$/) as string
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { stream: 'copies', token, attempt: 1, msg: 'in hand' },
    { stream: 'copies', token, attempt: 1, error: 'TypeError', code: 'EAWAY', msg: 'an attempt failed' },
    { stream: 'copies', token, attempt: 2, msg: 'in hand' },
  ])
  for (const line of lines) expect(line.match(/"stream":/g)).toHaveLength(1)
  expect(lines.join('')).not.toContain('ana@')
})
