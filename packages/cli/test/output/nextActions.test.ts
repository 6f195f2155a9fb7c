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
