import { MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { DeadLetterError, type Observer, runStream } from '../../src/index.js'
import type { Change } from '../../src/change.js'
import { unguarded } from '../../src/guards/index.js'
import { listStreams, planLetters, redriveLetters } from '../../src/admin/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { type Step, Handled, anchor, documentOf, letters, parking, poison, shown, write } from './parkingSetting.js'

const open = () => testDatabase(inject('mongoUri'))

const isPoison = ({ key, n }: Step) => key === 'b' && n === 1

test.each([8, 1])(
  'a change that fails is parked and the later ones of its key are held, other keys go on, at concurrency %i',
  async (concurrency) => {
    await using place = await open()
    const handled = new Handled()
    const handle = async (change: Change<Step>) => {
      if (isPoison(documentOf(change))) throw poison
      handled.add(documentOf(change))
    }
    await anchor(place, { handle, concurrency })
    await write(place, ['a', 'b', 'c'], 4)
    const done = await anchor(place, { handle, concurrency })
    expect(done).toMatchObject({ handled: 9, parked: 1, held: 2, reason: 'caught-up' })
    expect(Object.fromEntries(handled.of)).toEqual({ a: [0, 1, 2, 3], b: [0], c: [0, 1, 2, 3] })
    const found = await letters(place)
    expect(shown(found)).toEqual([
      [4, 'parked'],
      [7, 'held'],
      [10, 'held'],
    ])
    expect(found[0]).toMatchObject({
      v: 1,
      stream: 's',
      attempts: 1,
      failures: [],
      error: { name: 'Error', code: null, class: 'transient' },
    })
    // Neither what is in the change nor the handler's message, which may hold personal data.
    expect(JSON.stringify(found)).not.toContain('ana@example.org')
    expect(found[0]).not.toHaveProperty('payload')
    const [status] = await listStreams({ client: place.client, streams: [] })
    expect(status).toMatchObject({ parked: 1, held: 2, parkedSince: expect.any(Date) as Date })
  },
)

test.each([
  [
    'capped',
    async (place: TestDatabase) => void (await place.admin.createCollection('stream.deadLetters', { capped: true, size: 4096 })),
  ],
  [
    'a view',
    async (place: TestDatabase) => void (await place.admin.createCollection('stream.deadLetters', { viewOn: 'a', pipeline: [] })),
  ],
  [
    'with an index of its own',
    async (place: TestDatabase) => void (await place.db.collection('stream.deadLetters').createIndex({ expiresAt: 1 })),
  ],
])('a collection that cannot hold dead letters (%s) is refused at the start by name, with what to do', async (_, arrange) => {
  await using place = await open()
  await arrange(place)
  const refused = await anchor(place, { handle: () => undefined }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'PARK_FAILED', exit: 7, details: { stream: 's' } })
  expect(String(refused)).toContain(`${place.db.databaseName}.stream.deadLetters cannot hold dead letters`)
  expect(String(refused)).toContain('rename it and start again')
})

test('held by nobody, the later changes of a parked key are done before it: the naive parking breaks their order', async () => {
  await using place = await open()
  const naive = new Handled()
  const setAside: Step[] = []
  const handle = async (change: Change<Step>) => {
    const step = documentOf(change)
    if (isPoison(step)) setAside.push(step)
    else naive.add(step)
  }
  await anchor(place, { handle })
  await write(place, ['a', 'b', 'c'], 4)
  await anchor(place, { handle })
  for (const step of setAside) naive.add(step)
  expect(naive.of.get('b')).toEqual([0, 2, 3, 1])
})

test('a restart knows what is parked: the key stays held, and what was parked is not tried again', async () => {
  await using place = await open()
  let tries = 0
  const handled = new Handled()
  const handle = async (change: Change<Step>) => {
    if (isPoison(documentOf(change))) {
      tries += 1
      throw poison
    }
    handled.add(documentOf(change))
  }
  await anchor(place, { handle })
  const { position } = await anchor(place, { handle })
  await write(place, ['a', 'b'], 3)
  await anchor(place, { handle })
  await write(place, ['a', 'b'], 1, 3)
  expect(await anchor(place, { handle })).toMatchObject({ handled: 1, parked: 0, held: 1 })
  // As after a crash between the parking and the checkpoint: all of it is read again.
  await place.db.collection<{ _id: string }>('stream').updateOne({ _id: 's' }, { $set: { token: position!.token } })
  await anchor(place, { handle })
  expect(tries).toBe(1)
  expect(handled.of.get('b')).toEqual([0, 0])
  expect(shown(await letters(place))).toEqual([
    [3, 'parked'],
    [5, 'held'],
    [7, 'held'],
  ])
})

test('rule 17: a projection parks in the transaction of its checkpoint; its key is held, other keys are projected', async () => {
  await using place = await open()
  const project = (change: Change<Step>) => {
    const step = documentOf(change)
    if (isPoison(step)) throw poison
    return [{ target: 'target', insertOne: { document: { _id: step._id as never, key: step.key, n: step.n } } }]
  }
  await anchor(place, { project })
  await write(place, ['a', 'b', 'c'], 4)
  expect(await anchor(place, { project })).toMatchObject({ handled: 9, parked: 1, held: 2 })
  const done = await place.db.collection('target').find().sort({ _id: 1 }).toArray()
  expect(done.map(({ _id }) => _id as unknown)).toEqual([0, 1, 2, 3, 5, 6, 8, 9, 11])
  expect(shown(await letters(place))).toEqual([
    [4, 'parked'],
    [7, 'held'],
    [10, 'held'],
  ])
})

test.each(['transaction', 'bulk'] as const)(
  'rule 17: a write that the server refuses parks its change, and holds those of its key that were projected already (%s)',
  async (delivery) => {
    await using place = await open()
    await place.db.createCollection('target', { validator: { n: { $ne: 1 } } })
    const project = (change: Change<Step>) => {
      const { _id, key, n } = documentOf(change)
      const write = {
        target: 'target',
        updateOne: { filter: { _id }, update: { $set: { key, n: key === 'b' ? n : 7 } }, upsert: true },
      }
      return [unguarded(write)]
    }
    await anchor(place, { project, delivery })
    await write(place, ['a', 'b', 'c'], 4)
    expect(await anchor(place, { project, delivery })).toMatchObject({ handled: 9, parked: 1, held: 2 })
    const done = await place.db.collection('target').find().sort({ _id: 1 }).toArray()
    expect(done.map(({ _id }) => _id as unknown)).toEqual([0, 1, 2, 3, 5, 6, 8, 9, 11])
    expect((await letters(place))[0]).toMatchObject({ error: { code: '121', class: 'poison' }, attempts: 1 })
  },
)

test('DeadLetterError and an own table of errors decide about further attempts; a fatal one stops the stream in spite of park', async () => {
  await using place = await open()
  const tries = new Map<string, number>()
  const handle = async (change: Change<Step>) => {
    const { key } = documentOf(change)
    tries.set(key, (tries.get(key) ?? 0) + 1)
    if (key === 'dead') throw new DeadLetterError('no such event', { cause: poison })
    throw Object.assign(new Error(key), { name: key })
  }
  const classify = (error: unknown) => {
    const { name } = error as Error
    return name === 'rejected' ? 'poison' : name === 'config' ? 'fatal' : undefined
  }
  const options = { handle, classify, concurrency: 1, retry: { attempts: 3, minDelayMs: 1 } }
  await anchor(place, options)
  await write(place, ['dead', 'rejected', 'flaky', 'config', 'never'], 1)
  await expect(anchor(place, options)).rejects.toMatchObject({ code: 'HANDLER_FAILED', cause: { name: 'config' } })
  expect(Object.fromEntries(tries)).toEqual({ dead: 1, rejected: 1, flaky: 3, config: 1 })
  expect((await letters(place)).map(({ error, attempts }) => [error.name, error.class, attempts])).toEqual([
    ['DeadLetterError', 'poison', 1],
    ['rejected', 'poison', 1],
    ['flaky', 'transient', 3],
  ])
})

test('an attempt that outlasts retry.timeoutMs has its signal aborted and counts as failed', async () => {
  await using place = await open()
  const reasons: unknown[] = []
  const handle = async (_change: Change<Step>, { signal }: { readonly signal: AbortSignal }) =>
    await new Promise<void>((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        reasons.push((signal.reason as Error).name)
        reject(new Error('given up'))
      }),
    )
  const options = { handle, retry: { attempts: 2, minDelayMs: 1, timeoutMs: 30 } }
  await anchor(place, options)
  await write(place, ['a'], 1)
  expect(await anchor(place, options)).toMatchObject({ parked: 1 })
  expect(reasons).toEqual(['TimeoutError', 'TimeoutError'])
  expect((await letters(place))[0]).toMatchObject({ attempts: 2, error: { name: 'TimeoutError' } })
})

test('parking that the server refuses stops the stream with PARK_FAILED at that change, and mended it goes on there', async () => {
  await using place = await open()
  const handle = async () => {
    throw poison
  }
  await anchor(place, { handle })
  await place.admin.command({ collMod: 'stream.deadLetters', validator: { never: true } })
  await write(place, ['a'], 1)
  await expect(anchor(place, { handle })).rejects.toMatchObject({ code: 'PARK_FAILED', cause: { code: 121 } })
  await place.admin.command({ collMod: 'stream.deadLetters', validator: {} })
  expect(await anchor(place, { handle })).toMatchObject({ parked: 1 })
})

test.each(['handle', 'project'] as const)(
  'a %s’s change of unknown key stops the stream while it would have to be parked, or to wait for parked ones',
  async (kind) => {
    await using place = await open()
    const work = (change: Change<Step>) => {
      if (documentOf(change).n === 0) throw poison
    }
    const options = { [kind]: work, key: (change: Change<Step>) => (documentOf(change).key === 'unknown' ? undefined : 'a') }
    await anchor(place, options)
    await write(place, ['unknown'], 1)
    await expect(anchor(place, options)).rejects.toMatchObject({ code: 'PARK_FAILED', cause: { code: 'HANDLER_FAILED' } })
    await place.db.collection('stream').deleteMany({})
    await anchor(place, options)
    await place.db.collection('source').deleteMany({})
    await anchor(place, { ...options, key: () => 'a', [kind]: () => undefined })
    await place.db.collection<Step>('source').insertMany([
      { _id: 0, key: 'a', n: 0 },
      { _id: 1, key: 'unknown', n: 1 },
    ])
    await expect(anchor(place, options)).rejects.toMatchObject({ code: 'PARK_FAILED' })
    expect(shown(await letters(place))).toEqual([[0, 'parked']])
  },
)

test('the payload is kept as the policy says: full with the message, redacted without the named fields', async () => {
  await using place = await open()
  const handle = async () => {
    throw poison
  }
  for (const deadLetters of [{ payload: 'full' }, { payload: 'redacted', redact: ['key'] }] as const) {
    const options = { handle, deadLetters, name: deadLetters.payload }
    await anchor(place, options)
    await place.db.collection('source').deleteMany({})
    await anchor(place, { ...options, handle: () => undefined })
    await write(place, ['ana@example.org'], 1)
    await anchor(place, options)
  }
  const [full, redacted] = await letters(place)
  const { BSON } = await import('mongodb')
  const change = (letter: typeof full) => BSON.deserialize(letter!['payload'].change.buffer as Uint8Array)
  expect(full).toMatchObject({ error: { message: poison.message }, payload: { kind: 'full' } })
  expect(change(full)).toMatchObject({ operationType: 'insert', fullDocument: { key: 'ana@example.org', n: 0 } })
  expect(redacted!['error']).not.toHaveProperty('message')
  expect(change(redacted)).toMatchObject({ fullDocument: { key: '[redacted]', n: 0 } })
})

test('a redacted payload is without the fields that the surroundings name, too; when nobody names one, nothing is started', async () => {
  await using place = await open()
  const handle = async () => {
    throw poison
  }
  const key = ({ documentKey }: Change<Step>) => documentKey?._id
  const options = { handle, key, deadLetters: { payload: 'redacted' } } as const
  expect(() => runStream(parking(options), { client: place.client })).toThrow(/needs the names of the fields/)
  const run = () =>
    runStream(parking(options), { client: place.client, redact: ['cliente.email', 'telefonos'], until: 'caught-up' }).done
  await run()
  const source = place.db.collection<{ _id: number; cliente: { email: string }; telefonos: string[] }>('source')
  await source.insertOne(
    { _id: 1, cliente: { email: 'ana@example.org' }, telefonos: ['600'] },
    { writeConcern: { w: 'majority' } },
  )
  await source.updateOne(
    { _id: 1 },
    { $set: { 'cliente.email': 'eva@example.org' }, $push: { telefonos: '699' } },
    { writeConcern: { w: 'majority' } },
  )
  await run()
  const { BSON } = await import('mongodb')
  const [inserted, updated] = (await letters(place)).map(({ payload }) => BSON.deserialize(payload.change.buffer as Uint8Array))
  expect(inserted).toMatchObject({ fullDocument: { _id: 1, cliente: { email: '[redacted]' } } })
  expect(updated).toMatchObject({
    updateDescription: { updatedFields: { 'cliente.email': '[redacted]', 'telefonos.1': '[redacted]' } },
  })
})

test('an alert is given each time that so many come to be parked: not for every one above it, and again after they were fewer', async () => {
  await using place = await open()
  const alerts: number[] = []
  let broken = true
  const handle = async () => {
    if (broken) throw poison
  }
  const options = { handle, deadLetters: { alertAt: 2 } }
  await anchor(place, options)
  let released = 0
  const observer: Observer = { alert: ({ parked }) => alerts.push(parked), released: ({ keys }) => void (released += keys) }
  await using run = runStream(parking(options), { client: place.client, observer })
  run.done.catch(() => undefined)
  await run.whenCaughtUp()
  await write(place, ['a', 'b', 'c'], 1)
  await run.whenCaughtUp()
  expect(alerts).toEqual([2])
  const admin = { client: place.client, streams: [] }
  broken = false
  await redriveLetters(admin, await planLetters(admin, 's', {}), { by: 'ana', reason: null })
  await expect.poll(() => released).toBe(3)
  broken = true
  await write(place, ['d', 'e', 'f'], 1, 10)
  await run.whenCaughtUp()
  expect(alerts).toEqual([2, 2])
})

test('an alert is given once, when so many are parked; a worker that finds them so gives it too', async () => {
  await using place = await open()
  const alerts: unknown[] = []
  const parked: unknown[] = []
  const observer: Observer = { alert: (event) => alerts.push(event), parked: ({ state, error }) => parked.push([state, error]) }
  const handle = async () => {
    throw poison
  }
  const options = { handle, deadLetters: { alertAt: 2 } }
  await anchor(place, options)
  await write(place, ['a', 'b', 'c'], 1)
  const again = () => runStream(parking(options), { client: place.client, observer, until: 'caught-up' }).done
  await again()
  expect(alerts).toEqual([{ stream: 's', parked: 2, alertAt: 2 }])
  expect(parked).toEqual(Array.from({ length: 3 }, () => ['parked', poison]))
  await again()
  expect(alerts).toHaveLength(2)
})

test('a worker that was fenced parks nothing: its successor handles that change', async () => {
  await using place = await open()
  await using other = await new MongoClient(place.uri).connect()
  let failing!: () => void
  const begun = new Promise<void>((resolve) => (failing = resolve))
  let fail!: () => void
  const mayFail = new Promise<void>((resolve) => (fail = resolve))
  const old = async () => {
    failing()
    await mayFail
    throw poison
  }
  await anchor(place, { handle: old })
  await write(place, ['a'], 1)
  const first = runStream(parking({ handle: old }), { client: place.client })
  first.done.catch(() => undefined)
  await begun
  const handled = new Handled()
  const successor = runStream(parking({ handle: async (change: Change<Step>) => handled.add(documentOf(change)) }), {
    client: other,
    takeOver: true,
    until: 'caught-up',
  })
  expect(await successor.done).toMatchObject({ handled: 1 })
  fail()
  await expect(first.done).rejects.toMatchObject({ code: 'FENCED' })
  expect(await letters(place)).toEqual([])
})
