import { type ErrorCode, StreamError } from '@boletia/streams-core/errors'
import { expect, test } from 'vitest'
import { unknownStream } from '../../src/input/names.js'
import { errorReport } from '../../src/output/errorReport.js'

/** What is printed to be typed after a command line has failed. */
const next = (line: string, error: unknown) => {
  const argv = line.split(' ')
  const [command = null, ...names] = argv.slice(0, 2)
  return errorReport(error, { command, names, argv, carried: [] }).nextActions.map(({ command: typed }) => typed)
}
const failed = (code: ErrorCode, details: object) => new StreamError(code, 'x', { details: { stream: 'plain', ...details } })

test('a misspelt name is put right wherever it stands in what was typed', () => {
  const misspelt = unknownStream('plian', ['plain', 'park'], 'the config')
  expect(next('reset plain --to stream:plian', misspelt)[0]).toBe('boletia-streams reset plain --to stream:plain')
  expect(next('reset plain --to=stream:plian', misspelt)[0]).toBe('boletia-streams reset plain --to=stream:plain')
  expect(next('status plian', misspelt)[0]).toBe('boletia-streams status plain')
})

test('to wait for a held stream is the same run, with what it accepted; a take-over and its consent are left out', () => {
  const held = (line: string) => next(line, failed('LEASE_HELD', {}))[1]
  expect(held('run plain --once --accept-drift --confirm plain')).toBe(
    'boletia-streams run plain --once --accept-drift --confirm plain --standby',
  )
  expect(held('run plain park --max 5')).toBe('boletia-streams run plain park --max 5 --standby')
  expect(held('run plain --once --take-over --confirm plain')).toBe('boletia-streams run plain --once --standby')
  expect(held('run plain --take-over --confirm=plain')).toBe('boletia-streams run plain --standby')
  expect(held('run plain --take-over --accept-drift --confirm plain')).toBe(
    'boletia-streams run plain --accept-drift --confirm plain --standby',
  )
  expect(held('run --once -- plain')).toBe('boletia-streams run --once --standby -- plain')
  expect(held('reset plain --to latest')).toBeUndefined()
})

test('a changed definition is accepted by the same run, for the stream that it is of', () => {
  expect(next('run park plain --once', failed('FINGERPRINT_CHANGED', {}))[0]).toBe(
    'boletia-streams run park plain --once --accept-drift --confirm plain',
  )
})

test('a choice that finds nothing leads to what there is', () => {
  expect(next('replay plain --from -1h --doc x', failed('EMPTY_SELECTION', {}))).toEqual([
    'boletia-streams replay plain --from earliest',
    'boletia-streams status plain',
  ])
})

test('what comes after a failure is a command that exists, with the options of what failed', () => {
  expect(next('import positions.json', failed('FUTURE_TIME', {}))[0]).toBe('boletia-streams reset plain --to -10m')
  expect(next('replay plain --from 2199-01-01T00:00:00Z', failed('FUTURE_TIME', {}))[0]).toBe(
    'boletia-streams replay plain --from -10m',
  )
  expect(next('reset plain --to prev', failed('NOTHING_SAVED', { place: 'prev' }))).toEqual([
    'boletia-streams reset plain --to <where>',
    'boletia-streams help where',
  ])
  expect(next('run --once -- plain', new Error('boom'))).toEqual(['boletia-streams run --once --verbose -- plain'])
})
