import fc from 'fast-check'

/** A change of a source. `n` is its place among all changes; `version` counts the changes of its document by its stream, from 1. */
export interface SourceChange {
  readonly n: number
  readonly stream: 'a' | 'b'
  readonly doc: number
  readonly amount: number
  readonly removes: boolean
  readonly version: number
}

/** A change handed over, under the resume token of the cluster that it was read from. */
export interface Delivery {
  readonly change: SourceChange
  readonly token: string
}

export interface History {
  readonly changes: readonly SourceChange[]
  readonly deliveries: readonly Delivery[]
}

type Order = readonly number[]
const upTo = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** Tokens of another cluster may lie below or above: each begins with its own cluster's time. */
type Cluster = '8266' | '8265' | '8267'
const deliver = (changes: readonly SourceChange[], order: Order, cluster: Cluster = '8266'): Delivery[] =>
  order.map((n) => ({ change: changes[n]!, token: `${cluster}${n.toString(16).padStart(4, '0')}` }))

function source(streams: fc.Arbitrary<'a' | 'b'>): fc.Arbitrary<SourceChange[]> {
  const drawn = fc.record({ stream: streams, doc: fc.nat(1), amount: fc.integer({ min: 1, max: 9 }), removes: fc.boolean() })
  return fc.array(drawn, { minLength: 3, maxLength: 7 }).map((all) =>
    all.map((change, n) => ({
      ...change,
      n,
      version: all.slice(0, n + 1).filter(({ doc, stream }) => doc === change.doc && stream === change.stream).length,
    })),
  )
}
const one = source(fc.constant('a'))

/** A part of a stream's life: what it hands over, by place, when everything before `at` was; and where the stream stands then. */
type Leg = (at: number, length: number) => { readonly order: Order; readonly at: number }

const few = fc.nat(3)
const turns = fc.array(fc.boolean(), { minLength: 14, maxLength: 14 })

const forward: fc.Arbitrary<Leg> = few.map((by) => (at, length) => {
  const to = Math.min(at + by, length)
  return { order: upTo(at, to), at: to }
})

/** A batch; a worker dies in the midst of it or behind it, before its checkpoint, and the batch comes again. */
const crash = fc.tuple(few, fc.array(few, { maxLength: 2 })).map(([size, died]): Leg => (at, length) => {
  const to = Math.min(at + size, length)
  return { order: [...died.flatMap((after) => upTo(at, Math.min(at + after, to))), ...upTo(at, to)], at: to }
})

/** A `replay` of a range that was handled, which may end early; or a `reset`, after which the stream goes on from there. */
const replay = fc.tuple(fc.nat(7), fc.nat(7), fc.boolean()).map(([back, until, reset]): Leg => (at) => {
  const from = Math.min(back, at)
  return reset ? { order: [], at: from } : { order: upTo(from, Math.min(until, at)), at }
})

/** An operator skips forward, the stream goes on there, and then the skip is undone: everything from before it comes. */
const undo = fc.tuple(few, few).map(([over, on]): Leg => (at, length) => {
  return { order: upTo(Math.min(at + over, length), Math.min(at + over + on, length)), at }
})

/** An owner that was taken for dead goes on with what it has read, beside the new one; each of them in stream order. */
const asleep = fc.constant(Array.from({ length: 14 }, () => false))
const zombie = fc
  .tuple(few, fc.nat(7), fc.nat(7), fc.oneof(turns, asleep))
  .map(([saved, read, on, bits]): Leg => (at, length) => {
    const [from, to] = [Math.max(0, at - saved), Math.min(at + on, length)]
    return { order: interleave(upTo(at, Math.min(at + read, length)), upTo(from, to), bits), at: to }
  })

function interleave(some: Order, others: Order, bits: readonly boolean[]): number[] {
  const [left, right, order] = [[...some], [...others], [] as number[]]
  for (const first of bits) {
    const next = (first ? left : right).shift()
    if (next !== undefined) order.push(next)
  }
  return [...order, ...left, ...right]
}

/** By the heads of the table in docs/idempotency.md: what may happen again and again in the life of one stream. */
const legs: Readonly<Record<string, fc.Arbitrary<Leg>>> = {
  crash,
  'replay, reset': replay,
  'undo of a skip': undo,
  zombie,
}

/** Lives in which any of these happen, in any order, also when every change was handed over; which it is in the end. */
const lives = (...kinds: fc.Arbitrary<Leg>[]): fc.Arbitrary<History> =>
  fc
    .tuple(one, fc.array(fc.oneof(forward, ...kinds), { minLength: 1, maxLength: 6 }), fc.oneof(...kinds))
    .map(([changes, life, last]) => {
      const { length } = changes
      const order: number[] = []
      let at = 0
      const toTheEnd: Leg = () => ({ order: upTo(at, length), at: length })
      for (const leg of [...life, toTheEnd, last, toTheEnd]) {
        const done = leg(at, length)
        order.push(...done.order)
        at = done.at
      }
      return { changes, deliveries: deliver(changes, order) }
    })

/** Source and targets are restored into another cluster; reading begins there at a change that may have been handled before. */
const restore = fc
  .tuple(one, fc.nat(6), fc.nat(2), fc.constantFrom<Cluster>('8265', '8267'))
  .map(([changes, at, before, cluster]) => {
    const moved = Math.min(at, changes.length)
    const restored = deliver(changes, upTo(Math.max(0, moved - before), changes.length), cluster)
    return { changes, deliveries: [...deliver(changes, upTo(0, moved)), ...restored] }
  })

/** Two streams, each in its own order, write the same documents. */
const two = fc.tuple(source(fc.constantFrom('a', 'b')), turns).map(([changes, bits]) => {
  const of = (name: string) => changes.filter(({ stream }) => stream === name).map(({ n }) => n)
  return { changes, deliveries: deliver(changes, interleave(of('a'), of('b'), bits)) }
})

/** Histories of each repeat, by the heads of the table in docs/idempotency.md. */
export const histories: Readonly<Record<string, fc.Arbitrary<History>>> = {
  ...Object.fromEntries(Object.entries(legs).map(([repeat, leg]) => [repeat, lives(leg)])),
  'another cluster': restore,
  'two streams': two,
}

/** Histories in which all of these repeats happen to one stream, among each other; the other ones by themselves. */
export function mixed(repeats: readonly string[]): fc.Arbitrary<History> {
  const among = repeats.flatMap((repeat) => legs[repeat] ?? [])
  const alone = repeats.filter((repeat) => !(repeat in legs)).map((repeat) => histories[repeat]!)
  return fc.oneof(...alone, ...(among.length > 0 ? [{ arbitrary: lives(...among), weight: 4 }] : []))
}
