import type { Collection } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { DeadLetterError, type Stream, type StreamOptions, defineStream, skip } from '../../src/index.js'
import { guardedInc } from '../../src/guards/index.js'
import {
  type CrashPoint,
  changeBuilder,
  failing,
  inMemory,
  runInMemory,
  twice,
  withoutDocuments,
} from '../../src/testing/index.js'

interface Order {
  readonly _id: string
  readonly item: string
}
type Options = Partial<StreamOptions<Order>>

const totals = (options: Options = {}): Stream<Order> =>
  defineStream<Order>({
    name: 'totals',
    targets: { totals: { collection: 'totals' } },
    project: ({ documentKey, fullDocument }, context) =>
      fullDocument?.item === 'none'
        ? skip('nothing bought')
        : [guardedInc(context, { target: 'totals', filter: { _id: documentKey!._id }, inc: { n: 1 } })],
    ...options,
  } as StreamOptions<Order>)

function recording(options: Options = {}) {
  const seen: { readonly id: unknown; readonly replay: boolean; readonly redelivered: boolean | 'unknown'; attempt: number }[] =
    []
  const stream = defineStream<Order>({
    name: 'seen',
    handle: async ({ documentKey }, { replay, redelivered, attempt }) =>
      void seen.push({ id: documentKey?._id, replay, redelivered, attempt }),
    ...options,
  } as StreamOptions<Order>)
  return { stream, seen, ids: () => seen.map(({ id }) => id) }
}

function orders(count: number) {
  const change = changeBuilder<Order>({ collection: 'orders' })
  return Array.from({ length: count }, (_, i) => change.insert({ _id: `o${i}`, item: i % 2 === 0 ? 'lamp' : 'none' }))
}

test('a projection leaves its writes in the order of the changes, with what became of each change', async () => {
  const { written, settled, position } = await runInMemory(totals(), orders(3))
  expect(written).toMatchObject([{ target: 'totals', updateOne: {} }, { target: 'totals' }])
  expect(settled.map(({ outcome }) => outcome)).toEqual(['handled', 'skipped', 'handled'])
  expect(position?.token).toBe(settled[2]!.token)
})

test('the pipeline decides what comes, and one that only a server can evaluate is refused unless the changes have passed it', async () => {
  const { stream, ids } = recording({ pipeline: [{ $match: { 'fullDocument.item': 'lamp' } }] })
  await runInMemory(stream, orders(4))
  expect(ids()).toEqual(['o0', 'o2'])
  const complex = recording({ pipeline: [{ $match: { $expr: { $eq: ['$fullDocument.item', 'lamp'] } } }] })
  expect(() => inMemory(complex.stream)).toThrow(/matched: true/)
  await runInMemory(complex.stream, orders(2), { matched: true })
  expect(complex.ids()).toEqual(['o0', 'o1'])
})

test('changes must be added in the order of their making', () => {
  const [first, second] = orders(2)
  const memory = inMemory(recording().stream)
  memory.add(second!)
  expect(() => memory.add(first!)).toThrow(/in the order in which they were made/)
})

test('a handle that writes gets the collection that the test gives it, and hears that there is none otherwise', async () => {
  const collection = { collectionName: 'given' } as Collection
  const names: string[] = []
  const { stream } = recording({
    targets: { totals: { collection: 'totals' } },
    handle: async (_, context) => void names.push(context.target('totals').collectionName),
    retry: { attempts: 1 },
  })
  await runInMemory(stream, orders(1), { collections: { totals: collection } })
  expect(names).toEqual(['given'])
  await expect(runInMemory(stream, orders(1))).rejects.toMatchObject({ cause: { code: 'INVALID_OPTIONS' } })
})

test('a change that fails for good stops the stream, and is where the next run begins', async () => {
  const { stream, ids } = recording({ concurrency: 1, retry: { attempts: 3 } })
  let broken = true
  let attempts = 0
  const memory = inMemory(
    failing(stream, ({ documentKey }) => (broken && documentKey?._id === 'o1' ? new Error(`${(attempts += 1)}`) : null)),
  )
  memory.add(...orders(3))
  await expect(memory.run()).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  expect([ids(), attempts]).toEqual([['o0'], 3])
  broken = false
  expect(await memory.run()).toMatchObject({ reason: 'caught-up', handled: 2 })
  expect(ids()).toEqual(['o0', 'o1', 'o2'])
})

test('a poison change is parked, holds what follows of its key, and is put back in order', async () => {
  const { stream, ids } = recording({ onError: 'park', key: () => 'one' })
  let broken = true
  const memory = inMemory(failing(stream, () => (broken ? new DeadLetterError('poison') : null)))
  memory.add(...orders(2))
  expect(await memory.run()).toMatchObject({ parked: 1, held: 1 })
  expect(memory.parked.map(({ state, documentId }) => [state, documentId])).toEqual([
    ['parked', 'o0'],
    ['held', 'o1'],
  ])
  broken = false
  expect(await memory.redrive()).toMatchObject({ reason: 'redriven', redriven: 2 })
  expect([ids(), memory.parked]).toEqual([['o0', 'o1'], []])
})

test('moved back by an operator, changes come again and say that they are a replay', async () => {
  const { stream, seen } = recording()
  const memory = await runInMemory(stream, orders(3))
  await memory.rewind(2)
  await memory.run()
  expect(seen.map(({ id, replay }) => [id, replay])).toEqual([
    ['o0', false],
    ['o1', false],
    ['o2', false],
    ['o1', true],
    ['o2', true],
  ])
})

describe('a crash', () => {
  test('between work and position delivers the change once more, as perhaps redelivered; a projection’s writes and position land together or not at all', async () => {
    const { stream, seen } = recording({ concurrency: 1 })
    const memory = inMemory(stream)
    memory.add(...orders(2))
    await memory.crashAt('handler.done')
    await memory.run()
    expect(seen.map(({ id, redelivered }) => [id, redelivered])).toEqual([
      ['o0', false],
      ['o0', 'unknown'],
      ['o1', 'unknown'],
    ])

    for (const point of [
      'handler.done',
      'transaction.checkpointWritten',
      'transaction.committing',
      'transaction.committed',
    ] as const) {
      const projected = inMemory(totals())
      projected.add(...orders(3))
      await projected.crashAt(point)
      expect(projected.written).toHaveLength(point === 'transaction.committed' ? 1 : 0)
      await projected.run()
      expect(projected.written).toHaveLength(2)
    }
  })

  test('at any point that a run passes loses nothing and leaves nothing running', async () => {
    const passed = new Set<string>()
    const { stream } = recording({ concurrency: 1 })
    const calm = inMemory(stream)
    calm.add(...orders(2))
    await calm.run({ passing: (point) => passed.add(point) })
    for (const point of passed) {
      const { stream: again, ids } = recording({ concurrency: 1 })
      const memory = inMemory(again)
      memory.add(...orders(2))
      await memory.crashAt(point as CrashPoint)
      const before = ids().length
      await new Promise((resolve) => setTimeout(resolve, 1))
      expect(ids()).toHaveLength(before)
      await memory.run()
      expect([point, new Set(ids())]).toEqual([point, new Set(['o0', 'o1'])])
      expect(ids().length).toBeLessThanOrEqual(3)
    }
    expect(passed.size).toBeGreaterThan(10)
  })

  test('that does not come because the point was never passed is an error that names those that were', async () => {
    const memory = inMemory(recording().stream)
    await expect(memory.crashAt('bulk.effectsWritten')).rejects.toThrow(/without passing bulk\.effectsWritten.*read\.opened/)
  })
})

describe('a fault', () => {
  test('history lost stops with HISTORY_LOST, and only where something unread was forgotten', async () => {
    const { stream, ids } = recording()
    const memory = inMemory(stream)
    memory.add(...orders(1))
    memory.faults.historyLost()
    await expect(memory.run()).rejects.toMatchObject({ code: 'HISTORY_LOST' })
    const [first, second] = orders(2)
    const other = await runInMemory(stream, [first!])
    other.faults.historyLost()
    other.add(second!)
    await other.run()
    expect(ids()).toEqual(['o0', 'o1'])
  })

  test('invalidate stops with INVALIDATED, or is read past', async () => {
    const stops = inMemory(recording().stream)
    stops.faults.invalidate()
    await expect(stops.run()).rejects.toMatchObject({ code: 'INVALIDATED' })
    const { stream, ids } = recording({ onInvalidate: 'reopen' })
    const reopens = inMemory(stream)
    const [first, second] = orders(2)
    reopens.add(first!)
    reopens.faults.invalidate()
    await reopens.run()
    expect(ids()).toEqual(['o0'])
    expect(() => reopens.add(second!)).not.toThrow()
  })

  test.each(['failover', 'lostAnswer'] as const)('%s costs a projection nothing and doubles nothing', async (fault) => {
    const memory = inMemory(totals())
    memory.add(...orders(3))
    memory.faults[fault]()
    expect(await memory.run()).toMatchObject({ reason: 'caught-up', handled: 2, skipped: 1 })
    expect(memory.written).toHaveLength(2)
  })

  test('the theft of the lease in the midst of a run ends it with FENCED, and saves nothing of it', async () => {
    const memory = inMemory(totals())
    memory.add(...orders(3))
    let stolen = false
    const passing = (point: string) => {
      if (point !== 'handler.done' || stolen) return
      stolen = true
      memory.faults.leaseTheft()
    }
    await expect(memory.run({ passing })).rejects.toMatchObject({ code: 'FENCED' })
    expect(memory.written).toEqual([])
    await memory.run()
    expect(memory.written).toHaveLength(2)
  })

  test('twice gives each change twice to whatever the stream does', async () => {
    const { stream, ids } = recording({ concurrency: 1 })
    await runInMemory(twice(stream), orders(2))
    expect(ids()).toEqual(['o0', 'o0', 'o1', 'o1'])
    const { written, settled } = await runInMemory(twice(totals()), orders(2))
    expect(written).toHaveLength(2)
    expect(written[0]).toEqual(written[1])
    expect(settled.map(({ outcome }) => outcome)).toEqual(['handled', 'skipped'])
  })

  test('withoutDocuments takes the document from handler and key, and leaves inserts alone', async () => {
    const found: unknown[] = []
    const key = (change: { fullDocument?: Order | null | undefined }) => change.fullDocument?.item
    const { stream } = recording({ key, handle: async (change) => void found.push(change.fullDocument) })
    const change = changeBuilder<Order>()
    const order = { _id: 'a', item: 'lamp' }
    const disturbed = withoutDocuments(stream)
    const update = change.update(order, { item: 'sofa' })
    expect([disturbed.key(update), stream.key(update)]).toEqual([undefined, 'sofa'])
    await runInMemory(disturbed, [update, change.insert(order)])
    expect(found).toEqual([null, order])
  })
})
