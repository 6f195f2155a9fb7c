import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLastFragment, joinFragments } from '../../src/core/splitEvent.js'

const field = fc.string({ minLength: 1 }).filter((name) => !['_id', 'splitEvent', '__proto__'].includes(name))
const change = fc.dictionary(field, fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.array(fc.integer())), {
  minKeys: 1,
  maxKeys: 12,
})

/** Cuts a change as the server does: each part has an `_id`, its number, and some of the fields. */
function split(whole: object, sizes: readonly number[]): object[] {
  const fields = Object.entries(whole)
  const parts: object[] = []
  for (let index = 0; fields.length > 0; index += 1) parts.push(Object.fromEntries(fields.splice(0, sizes[index % sizes.length])))
  return parts.map((part, index) => ({
    _id: { _data: `82${index}` },
    ...(parts.length > 1 && { splitEvent: { fragment: index + 1, of: parts.length } }),
    ...part,
  }))
}
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

test('a change cut anywhere is the same when it is joined, and complete only with its last part', () => {
  fc.assert(
    fc.property(change, sizes, (whole, cuts) => {
      const parts = split(whole, cuts)
      const { _id, ...joined } = joinFragments(parts)!
      expect(joined).toEqual(whole)
      expect(_id).toEqual({ _data: '820' })
      expect(parts.map(isLastFragment)).toEqual(parts.map((_, index) => index === parts.length - 1))
    }),
  )
})

test('nothing is made of parts of which one is missing, doubled, out of order, or of another change', () => {
  fc.assert(
    fc.property(change, sizes, fc.nat(), fc.nat(), (whole, cuts, a, b) => {
      const parts = split(whole, cuts)
      fc.pre(parts.length > 1)
      const [i, j] = [a % parts.length, b % parts.length]
      expect(joinFragments(parts.filter((_, index) => index !== i))).toBeNull()
      expect(joinFragments([...parts, parts[i]!])).toBeNull()
      expect(joinFragments(parts.map((part, index) => (index === i ? parts[j]! : part))) === null).toBe(i !== j)
      const other = { ...parts[i]!, splitEvent: { fragment: i + 1, of: parts.length + 1 } }
      expect(joinFragments(parts.map((part, index) => (index === i ? other : part)))).toBeNull()
    }),
  )
  expect(joinFragments([])).toBeNull()
})
