import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { planReplay, replay } from '../../src/admin/index.js'
import { guardedInc } from '../../src/guards/index.js'
import type { Change, Context, UpdateModel, Write } from '../../src/index.js'
import { type Setting, caught, setting } from './setting.js'

const all = { from: { kind: 'earliest' } } as const

async function planned(at: Setting, request: Parameters<typeof planReplay>[2] = all) {
  return await planReplay(at.options, 'copies', request)
}

describe.concurrent('a plan of a replay', () => {
  test('counts, shows samples without their content, and delivers nothing', async () => {
    await using at = await setting()
    await at.run()
    const id = new ObjectId('65a000000000000000000001')
    await at.place.db.collection('source').insertOne({ _id: id, email: 'a@example.org' })
    await at.insert(2, 3, 4, 5, 6)
    await at.run()
    const before = await at.state()
    const plan = await planned(at)
    expect(plan).toMatchObject({
      name: 'copies',
      rev: before['rev'],
      count: 6,
      exact: true,
      onReplay: 'run',
      until: { token: before['token'] },
    })
    expect(plan.samples).toHaveLength(5)
    expect(plan.samples[0]).toMatchObject({
      token: at.tokens.get(id) ?? expect.any(String),
      operationType: 'insert',
      documentKey: { _id: { $oid: String(id) } },
    })
    expect(JSON.stringify(plan)).not.toContain('example.org')
    expect(at.handed).toHaveLength(6)
    expect(await at.state()).toEqual(before)
  })

  test('refuses an end beyond the saved position, and one before its start', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1, 2)
    await at.run()
    await at.insert(3)
    const beyond = await caught(planned(at, { ...all, until: { kind: 'latest' } }))
    expect(beyond).toMatchObject({ code: 'USAGE', exit: 2, message: expect.stringContaining('beyond the saved position') })
    const token = (id: number) => ({ kind: 'token', token: at.tokens.get(id)! }) as const
    expect(await caught(planned(at, { from: token(2), until: token(1) }))).toMatchObject({ code: 'USAGE' })
    expect(await planned(at, { from: token(1), until: token(2) })).toMatchObject({ count: 1 })
  })

  test('refuses a stream without a definition, without a position, and a rate of nothing', async () => {
    await using at = await setting()
    expect(await caught(planned(at))).toMatchObject({ code: 'NOTHING_SAVED', exit: 4 })
    await at.run()
    expect(await caught(planReplay({ ...at.options, streams: [] }, 'copies', all))).toMatchObject({
      code: 'UNKNOWN_STREAM',
      exit: 4,
    })
    expect(await caught(planned(at, { ...all, rate: 0 }))).toMatchObject({ code: 'USAGE' })
  })
})

describe.concurrent('a replay', () => {
  test('delivers again as replays, and neither moves nor passes the saved position', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1, 2)
    await at.run()
    await at.insert(3)
    const before = await at.state()
    expect(await replay(at.options, await planned(at))).toEqual({
      delivered: 2,
      skipped: 0,
      failed: 0,
      leftOut: 0,
      failures: [],
      complete: true,
    })
    expect(at.replays.slice(2)).toEqual([
      [1, true],
      [2, true],
    ])
    expect(await at.state()).toEqual(before)
    await at.run()
    expect(at.replays.slice(4)).toEqual([[3, false]])
  })

  test('takes one document, some operations, so many changes, so many a second', async () => {
    await using at = await setting()
    await at.run()
    const id = new ObjectId()
    await at.insert(1, '2', id)
    const source = at.place.db.collection('source')
    await source.updateOne({ _id: id }, { $set: { a: 1 } })
    await source.updateOne({ _id: 1 as never }, { $set: { a: 1 } })
    await at.run()
    const again = async (request: object) => {
      at.handed.length = 0
      await replay(at.options, await planned(at, { ...all, ...request }))
      return at.handed.map(String)
    }
    expect(await again({ doc: String(id) })).toEqual([String(id), String(id)])
    expect(await again({ doc: '1' })).toEqual(['1', '1'])
    expect(await again({ doc: '2' })).toEqual(['2'])
    expect(await again({ op: ['update'] })).toEqual([String(id), '1'])
    expect(await again({ doc: '1', op: ['update'] })).toEqual(['1'])
    expect(await again({ limit: 2 })).toEqual(['1', '2'])
    expect((await planned(at, { ...all, limit: 2 })).count).toBe(2)
    const began = performance.now()
    expect(await again({ rate: 10 })).toHaveLength(5)
    expect(performance.now() - began).toBeGreaterThanOrEqual(400)
  })

  test('does not call a handler that declares onReplay: skip, unless side effects are asked for', async () => {
    await using at = await setting({ onReplay: 'skip' })
    await at.run()
    await at.insert(1, 2)
    await at.run()
    const plan = await planned(at)
    expect(plan.onReplay).toBe('skip')
    expect(await replay(at.options, plan)).toMatchObject({ delivered: 0, skipped: 2 })
    expect(at.handed).toEqual([1, 2])
    expect(await replay(at.options, plan, { sideEffects: true })).toMatchObject({ delivered: 2, skipped: 0 })
    expect(at.handed).toEqual([1, 2, 1, 2])
  })

  test('stops a key at its first failure, holds its later changes back, and goes on with the other keys', async () => {
    let broken = false
    const handed: [string, number][] = []
    await using at = await setting({
      key: (change: Change) => (change.operationType === 'insert' ? change.fullDocument['key'] : undefined),
      retry: { attempts: 1 },
      handle: (change: Change) => {
        if (change.operationType !== 'insert') return
        const { key, n } = change.fullDocument as unknown as { key: string; n: number }
        if (broken && n === 2) throw new RangeError('secret@example.org')
        handed.push([key, n])
      },
    })
    await at.run()
    await at.place.db.collection('source').insertMany([
      { key: 'a', n: 1 },
      { key: 'a', n: 2 },
      { key: 'b', n: 3 },
      { key: 'a', n: 4 },
      { key: 'b', n: 5 },
    ])
    await at.run()
    handed.length = 0
    broken = true
    const done = await replay(at.options, await planned(at))
    expect(done).toEqual({
      delivered: 3,
      skipped: 0,
      failed: 2,
      leftOut: 0,
      failures: [{ token: expect.stringMatching(/^82/), error: 'RangeError' }],
      complete: true,
    })
    expect(handed).toEqual([
      ['a', 1],
      ['b', 3],
      ['b', 5],
    ])
  })

  test('ends before a change whose key is unknown when an earlier one has failed', async () => {
    let broken = false
    await using at = await setting({
      key: (change: Change) => (change.operationType === 'insert' ? change.documentKey._id : undefined),
      retry: { attempts: 1 },
      handle: () => {
        if (broken) throw new Error('no')
      },
    })
    await at.run()
    await at.insert(1)
    await at.place.db.collection('source').deleteOne({ _id: 1 as never })
    await at.insert(2)
    await at.run()
    broken = true
    expect(await replay(at.options, await planned(at))).toMatchObject({ delivered: 0, failed: 2, complete: false })
  })

  test('applies a projection’s writes in a transaction, and leaves the position alone', async () => {
    await using at = await setting({
      handle: undefined,
      targets: { sums: { collection: 'sums' } },
      project: () => [{ target: 'sums', updateOne: { filter: { _id: 'all' }, update: { $inc: { n: 1 } }, upsert: true } }],
    } as never)
    await at.run()
    await at.insert(1, 2, 3)
    await at.run()
    const before = await at.state()
    expect(await replay(at.options, await planned(at))).toMatchObject({ delivered: 3 })
    expect(await at.place.db.collection('sums').findOne()).toMatchObject({ n: 6 })
    expect(await at.state()).toEqual(before)
  })

  test('ends after the change in hand when it is aborted, and says how far it came', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1, 2, 3)
    await at.run()
    const stop = new AbortController()
    const plan = await planned(at)
    const done = await replay(at.options, plan, {
      signal: stop.signal,
      onProgress: ({ delivered }) => delivered === 2 && stop.abort(),
    })
    expect(done).toMatchObject({ delivered: 2, complete: false })
  })

  test('of a plan whose end the position was moved back behind is refused', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    const plan = await planned(at)
    await at.place.db.collection('stream').updateOne({}, { $set: { token: at.tokens.get(1)!.slice(0, 18) + '01' } })
    expect(await caught(replay(at.options, plan))).toMatchObject({ code: 'POSITION_MOVED', exit: 5 })
  })
})

describe.concurrent('tickets of an ordered guard', () => {
  const tickets = {
    handle: undefined,
    targets: { inventario: { collection: 'inventario' } },
    delivery: 'bulk',
    project: (change: Change, context: Context) =>
      change.operationType === 'insert'
        ? [guardedInc(context, { target: 'inventario', filter: { _id: 'evento' }, inc: { disponible: 1 } })]
        : [],
  }

  async function twoHandledTwoWaiting(at: Setting) {
    await at.place.db.collection('inventario').insertOne({ _id: 'evento' as never, disponible: 0 })
    await at.run()
    await at.insert(1, 2)
    await at.run()
    await at.insert(3, 4)
  }
  const given = async (at: Setting) => (await at.place.db.collection('inventario').findOne())?.['disponible']

  test('are all four given when a replay of one document ran beside the stream', async () => {
    await using at = await setting(tickets as never)
    await twoHandledTwoWaiting(at)
    await replay(at.options, await planned(at, { ...all, doc: '4' }))
    await replay(at.options, await planned(at))
    await at.run()
    expect(await given(at)).toBe(4)
  })

  test('are only three when a naive replay reads on to the present', async () => {
    await using at = await setting(tickets as never)
    await twoHandledTwoWaiting(at)
    const cursor = at.place.db
      .collection('source')
      .watch([{ $match: { 'documentKey._id': 4 } }], { startAtOperationTime: (await at.state())['clusterTime'] })
    const change = (await cursor.next()) as unknown as Change
    await cursor.close()
    const { _data: token } = change._id as { readonly _data: string }
    const { updateOne } = guardedInc(
      { stream: 'copies', token },
      { target: 'inventario', filter: { _id: 'evento' }, inc: { disponible: 1 } },
    ) as Write & { readonly updateOne: UpdateModel }
    await at.place.db.collection('inventario').updateOne(updateOne.filter, updateOne.update)
    await at.run()
    expect(await given(at)).toBe(3)
  })
})

test('a replay tears down what its stream set up, also when what it asks for cannot be read', async () => {
  const done: string[] = []
  await using at = await setting({ setup: () => void done.push('up'), teardown: () => void done.push('down') })
  await at.run()
  await at.insert(1)
  await at.run()
  const plan = await planned(at)
  done.length = 0
  await replay(at.options, plan)
  expect(done).toEqual(['up', 'down'])
  const from = { ...plan.from, token: `${plan.from.token.slice(0, 18)}FF`, by: 'own' as const, clusterTime: { t: 1, i: 1 } }
  expect(await caught(replay(at.options, { ...plan, from }))).toBeDefined()
  expect(done).toEqual(['up', 'down', 'up', 'down'])
})

test('a replay that cannot be read tells why, also when the tear-down throws too', async () => {
  let broken = false
  const teardown = () => {
    if (broken) throw new Error('closing failed')
  }
  await using at = await setting({ teardown })
  await at.run()
  await at.insert(1)
  await at.run()
  const plan = await planned(at)
  broken = true
  const from = { ...plan.from, token: `${plan.from.token.slice(0, 18)}FF`, by: 'own' as const, clusterTime: { t: 1, i: 1 } }
  expect(await caught(replay(at.options, { ...plan, from }))).toMatchObject({ code: 'TOKEN_UNUSABLE' })
  expect(await caught(replay(at.options, plan))).toMatchObject({ cause: { message: 'closing failed' } })
})
