import { expect, test } from 'vitest'
import { loggableError } from '../../src/http/loggableError.js'

test('keeps name, code, frames and cause of an error, and no line of its message', () => {
  const cause = Object.assign(new RangeError('at ana@example.com\nat eva@example.com'), { code: 7 })
  const error = new Error('no place for ana@example.com\n    at eva@example.com (1:1)', { cause })
  const logged = JSON.stringify(loggableError(error))
  expect(logged).not.toContain('@example.com')
  expect(loggableError(error)).toMatchObject({ name: 'Error', cause: { name: 'RangeError', code: 7 } })
  expect((loggableError(error) as { readonly at: readonly string[] }).at[0]).toContain('loggableError.test.ts')
})

test('keeps no frames when the message was changed after the stack was made, and nothing of what is no error', () => {
  const changed = new Error('ana@example.com')
  // Read, and so made, before the change.
  expect(changed.stack).toContain('ana@example.com')
  changed.message = 'other'
  expect(loggableError(changed)).toEqual({ name: 'Error', at: [] })
  expect(loggableError('ana@example.com')).toEqual({ kind: 'string' })
})
