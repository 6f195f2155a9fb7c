import { expect, test } from 'vitest'
import { guardedInc, guardedUpdate, oncePerChange, transition } from '../../src/guards/index.js'
import { type Write, defineStream } from '../../src/index.js'
import { delivering } from '../../src/runtime/projection.js'

const context = { stream: 's', token: '82' }
const one = { target: 'things', filter: { _id: 'a' } }
const mass = transition({ ...one, field: 'state', from: 'open', to: 'closed', many: true })
const stream = (delivery: 'transaction' | 'bulk') =>
  defineStream({ name: 's', targets: { things: { collection: 'things' } }, delivery, project: () => [] })

const outside: readonly [why: string, given: (write: Write) => unknown][] = [
  ['delivery is bulk', (write) => delivering(stream('bulk'), [write], true)],
  ['its target is behind another client than the checkpoint', (write) => delivering(stream('transaction'), [write], false)],
  ['a mass update runs outside a transaction', (write) => delivering(stream('transaction'), [mass, write], true)],
]
const refused: readonly [what: string, sentence: string, write: Write][] = [
  ['a write without a guard', 'has no guard', { target: 'things', insertOne: { document: {} } }],
  ['an entry of a ledger', 'is an entry of a ledger (oncePerChange)', oncePerChange(context, { ledger: 'things' })],
  ["guardedInc with mode 'last'", "is guarded with mode: 'last'", guardedInc(context, { ...one, inc: { n: 1 }, mode: 'last' })],
  [
    "guardedUpdate with mode 'last'",
    "is guarded with mode: 'last'",
    guardedUpdate(context, { ...one, update: { $set: { n: 1 } }, mode: 'last' }),
  ],
]

test.each(
  outside.flatMap(([why, given]) => refused.map(([what, sentence, write]) => [what, why, sentence, write, given] as const)),
)('rule 15: %s is refused where %s, and in a transaction it is not', (_what, why, sentence, write, given) => {
  expect(() => given(write)).toThrow(expect.objectContaining({ code: 'INVALID_STREAM' }) as Error)
  expect(() => given(write)).toThrow(`${sentence}, and ${why}, where `)
  expect(delivering(stream('transaction'), [write], true)).toBe('transaction')
})

test('the ordered guard is written wherever the stream says', () => {
  const write = guardedInc(context, { ...one, inc: { n: 1 } })
  expect(delivering(stream('bulk'), [write], true)).toBe('guarded')
  expect(delivering(stream('transaction'), [write], false)).toBe('guarded')
  expect(delivering(stream('transaction'), [mass, write], true)).toBe('mass')
})
