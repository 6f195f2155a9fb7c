import assert from 'node:assert/strict'

/** Fails unless `actual` has at least the fields of `expected`, with the same values. */
export function matches(actual: unknown, expected: object): void {
  if (typeof actual !== 'object' || actual === null) return assert.deepEqual(actual, expected)
  for (const [name, value] of Object.entries(expected)) {
    const found: unknown = Reflect.get(actual, name)
    if (isPlain(value) && isPlain(found)) matches(found, value)
    else assert.deepEqual(found, value, `${name}: ${show(found)} is not ${show(value)}`)
  }
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const show = (value: unknown) => JSON.stringify(value) ?? String(value)
