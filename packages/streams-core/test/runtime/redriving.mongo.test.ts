import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import type { Change } from '../../src/change.js'
import { discardLetters, planLetters, planReplay, redriveLetters, replay } from '../../src/admin/index.js'
import { type Context, type Stream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { type Given, Handled, type Step, anchor, documentOf, letters, parking, poison, shown, write } from './parkingSetting.js'

const open = () => testDatabase(inject('mongoUri'))
const isPoison = ({ key, n }: Step) => key === 'b' && n === 1
const doing = { by: 'ana', reason: 'mended' }

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it never came true')
    await delay(20)
  }
}

/** What an operator does with everything that lies in the dead letters, by the definition as it is now. */
async function redrive({ client }: TestDatabase, options: Given) {
  const admin = { client, streams: [parking(options) as unknown as Stream] }
  return await redriveLetters(admin, await planLetters(admin, 's', {}), doing)
}

/** Three keys with four changes each; the second one of `b` is parked, its later two are held. */
async function parked(place: TestDatabase, options: Given): Promise<void> {
  await anchor(place, options)
  await write(place, ['a', 'b', 'c'], 4)
  await anchor(place, options)
}

const failing = { handle: async (change: Change<Step>) => void (isPoison(documentOf(change)) && fail()) }
const fail = () => {
  throw poison
}

test.each(['none', 'full'] as const)(
  'rule 29: without a worker a redrive takes the lease and handles a parked change and those behind it in order; payload %s',
  async (payload) => {
    await using place = await open()
    const deadLetters = { payload }
    await parked(place, { ...failing, deadLetters })
    const handled = new Handled()
    const contexts: Pick<Context, 'replay' | 'redelivered' | 'token'>[] = []
    const handle = async (change: Change<Step>, { replay, redelivered, token }: Context) => {
      handled.add(documentOf(change))
      contexts.push({ replay, redelivered, token })
    }
    const before = await letters(place)
    // A stream of mails: what was parked was never sent, however far the stream has come since.
    expect(await redrive(place, { handle, deadLetters, onReplay: 'skip' })).toEqual({
      marked: 3,
      redriven: 3,
      failed: 0,
      left: 0,
      owner: null,
    })
    expect(Object.fromEntries(handled.of)).toEqual({ b: [1, 2, 3] })
    expect(contexts).toEqual(before.map(({ token }) => ({ replay: false, redelivered: 'unknown', token: token as string })))
    // The key is released: what comes now is handled at once.
    await write(place, ['b'], 1, 20)
    expect(await anchor(place, { handle })).toMatchObject({ handled: 1, held: 0 })
  },
)

test('rule 29: put back, a change that fails again stays with what failed, and so does everything behind it; the mark is gone', async () => {
  await using place = await open()
  await parked(place, failing)
  expect(await redrive(place, failing)).toMatchObject({ marked: 3, redriven: 0, left: 3 })
  const found = await letters(place)
  expect(shown(found)).toEqual([
    [4, 'parked'],
    [7, 'held'],
    [10, 'held'],
  ])
  expect(found[0]!['failures']).toMatchObject([{ name: 'Error', class: 'transient', attempts: 1, at: expect.any(Date) as Date }])
  expect(found.filter((letter) => 'redrive' in letter)).toEqual([])
  // The one behind it fails now: it becomes a parked one itself.
  const later = { handle: async (change: Change<Step>) => void (documentOf(change).n === 2 && fail()) }
  expect(await redrive(place, later)).toMatchObject({ redriven: 1, left: 2 })
  expect(shown(await letters(place))).toEqual([
    [7, 'parked'],
    [10, 'held'],
  ])
})

test('rule 29: a projection’s writes are done in the transaction that removes the letter, each exactly once', async () => {
  await using place = await open()
  const projecting = (isBroken: boolean): Given => ({
    project: (change: Change<Step>) => {
      const step = documentOf(change)
      if (isBroken && isPoison(step)) throw poison
      const update = { $push: { steps: step.n } }
      return [{ target: 'target', updateOne: { filter: { _id: step.key }, update, upsert: true } }]
    },
  })
  await parked(place, projecting(true))
  expect(await redrive(place, projecting(false))).toMatchObject({ redriven: 3, left: 0 })
  const target = place.db.collection<{ _id: string; steps: number[] }>('target')
  expect(await target.find().sort({ _id: 1 }).toArray()).toEqual(['a', 'b', 'c'].map((_id) => ({ _id, steps: [0, 1, 2, 3] })))
})

test('rule 29: a running worker puts back what is marked while its key goes on; every key stays in order, and the key is released', async () => {
  await using place = await open()
  const handled = new Handled()
  let mended = false
  const handle = async (change: Change<Step>) => {
    if (!mended && isPoison(documentOf(change))) throw poison
    handled.add(documentOf(change))
  }
  await anchor(place, { handle })
  await using run = runStream(parking({ handle }), { client: place.client })
  run.done.catch(() => undefined)
  let round = 0
  const enough = new AbortController()
  const total = () => [...handled.of.values()].flat().length
  const writer = (async () => {
    for (; !enough.signal.aborted; round += 1) {
      const before = total()
      await write(place, ['a', 'b', 'c'], 1, round)
      // Slower than they are put back, however fast that is.
      if (!mended) await until(() => mended || round < 10)
      else await until(async () => total() >= before + 6 || (await letters(place)).length === 0)
    }
  })()
  await until(async () => (await letters(place)).length > 5)
  mended = true
  expect(await redrive(place, { handle })).toMatchObject({ redriven: 0, left: null, owner: run.status.owner })
  await until(async () => (await letters(place)).length === 0)
  const releasedAt = round
  await until(() => round > releasedAt + 10)
  enough.abort()
  await writer
  await run.whenCaughtUp()
  const all = Array.from({ length: round }, (_, n) => n)
  expect(Object.fromEntries(handled.of)).toEqual({ a: all, b: all, c: all })
  expect(await letters(place)).toEqual([])
})

test('a discarded change is never handled: a running worker lets go of its key, and the history says who discarded', async () => {
  await using place = await open()
  await parked(place, failing)
  const handled = new Handled()
  const options = { handle: async (change: Change<Step>) => handled.add(documentOf(change)) }
  let released = 0
  const observer = { released: ({ keys }: { readonly keys: number }) => void (released += keys) }
  await using run = runStream(parking(options), { client: place.client, observer })
  run.done.catch(() => undefined)
  await run.whenCaughtUp()
  const admin = { client: place.client, streams: [] }
  expect(await discardLetters(admin, await planLetters(admin, 's', {}), doing)).toBe(3)
  await until(() => released === 1)
  await write(place, ['b'], 1, 20)
  await run.whenCaughtUp()
  expect(handled.of.get('b')).toEqual([20])
  const row = await place.db.collection('stream.history').findOne({ action: 'discard' })
  expect(row).toMatchObject({ by: 'ana', reason: '3 dead letters: mended' })
})

test('a change that can be read no more fails by name, and stays', async () => {
  await using place = await open()
  await parked(place, failing)
  const pipeline = [{ $match: { 'fullDocument.n': { $ne: 1 } } }]
  const admin = { client: place.client, streams: [parking({ ...failing, pipeline }) as unknown as Stream] }
  await place.db.collection('stream').updateOne({}, { $set: { fingerprint: null } })
  expect(await redriveLetters(admin, await planLetters(admin, 's', {}), doing)).toMatchObject({ redriven: 0, left: 3 })
  expect((await letters(place))[0]!['failures']).toMatchObject([{ name: 'ChangeGone', attempts: 0 }])
})

test('nobody puts changes back without their handler', async () => {
  await using place = await open()
  await parked(place, failing)
  const admin = { client: place.client, streams: [] }
  const plan = await planLetters(admin, 's', {})
  await expect(redriveLetters(admin, plan, doing)).rejects.toMatchObject({ code: 'UNKNOWN_STREAM' })
  expect((await letters(place)).filter((letter) => 'redrive' in letter)).toEqual([])
  await expect(planLetters(admin, 's', { ids: ['nothing'] })).rejects.toMatchObject({ code: 'EMPTY_SELECTION' })
})

test('rule 27: a replay leaves out the keys with parked changes: delivered there, a change would be done once more by the redrive', async () => {
  await using place = await open()
  await parked(place, failing)
  const handled = new Handled()
  const mended = { handle: async (change: Change<Step>) => handled.add(documentOf(change)) }
  const admin = { client: place.client, streams: [parking(mended) as unknown as Stream] }
  const plan = await planReplay(admin, 's', { from: { kind: 'ago', ms: 3_600_000 } })
  expect(await replay(admin, plan)).toMatchObject({ delivered: 8, leftOut: 4, failed: 0, complete: true })
  expect([...handled.of.keys()]).toEqual(['a', 'c'])
  await redrive(place, mended)
  expect(handled.of.get('b')).toEqual([1, 2, 3])
})
