import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StreamError, errorCodes, isStreamError } from '../src/index.js'

test('docs/errors.md is what the table of codes says', () => {
  const script = fileURLToPath(new URL('../../../scripts/errors-doc.mjs', import.meta.url))
  expect(spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

test('docs/operations.md tells an operator about each code', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  expect(Object.keys(errorCodes).filter((code) => !page.includes(`**\`${code}\`**`))).toEqual([])
})

test('every code says what happened, whether it is normal, and what to do', () => {
  for (const { what, normal, todo, exit } of Object.values(errorCodes)) {
    for (const text of [what, normal, todo]) expect(text).not.toBe('')
    expect(exit).toBeGreaterThan(0)
  }
})

test('an error keeps its code, exit, cause and frozen details, and is recognised across copies of the package', () => {
  const cause = new Error('first')
  const error = new StreamError('FENCED', 'text', { cause, details: { epoch: 2 } })
  expect(error).toMatchObject({ code: 'FENCED', exit: 5, cause, details: { epoch: 2 } })
  expect(Object.isFrozen(error.details)).toBe(true)
  expect(isStreamError(error)).toBe(true)
  expect(isStreamError(error, 'HISTORY_LOST')).toBe(false)
  expect(isStreamError({ [Symbol.for('@boletia/streams-core/StreamError')]: true, code: 'FENCED' }, 'FENCED')).toBe(true)
  expect(isStreamError(null)).toBe(false)
})
