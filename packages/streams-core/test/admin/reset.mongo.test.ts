import { Decimal128, Double, ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { type Where, applyReset, history, planReset, streamStatus } from '../../src/admin/index.js'
import { tokenTime } from '../../src/core/tokenTime.js'
import { resolvePlaces } from '../../src/mongo/places.js'
import { ownState } from '../mongo/ownState.js'
import { fromPositionDocument, toPositionDocument } from '../../src/mongo/positionDocument.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { watchedNamespace } from '../../src/mongo/watchedNamespace.js'
import type { Advance, Claim, Effects } from '../../src/ports.js'
import { type Setting, caught, operator, setting } from './setting.js'

const saved = async (setting: Setting) => fromPositionDocument((await setting.state()) as never)

const serverSeconds = async (setting: Setting) =>
  Math.floor((await setting.place.db.admin().command({ hello: 1 }))['localTime'].getTime() / 1000)

/** The history without the row of the first start. */
const moves = async (at: Setting) => (await history(at.options, 'copies')).filter(({ action }) => action !== 'start')

async function reset(at: Setting, where: Where) {
  const plan = await planReset(at.options, 'copies', where)
  return { plan, done: await applyReset(at.options, plan, operator) }
}

describe.concurrent('a plan', () => {
  test('writes nothing and says what would come again', async ({ expect }) => {
    await using at = await setting()
    await at.run()
    const start = await saved(at)
    await at.insert(1, 2, 3)
    await at.run()
    const before = await at.state()
    const plan = await planReset(at.options, 'copies', { kind: 'token', token: start.token })
    expect(plan).toMatchObject({
      name: 'copies',
      rev: before['rev'],
      direction: 'rewind',
      changes: { count: 3, exact: true },
      from: { by: 'own' },
      to: { by: 'foreign', token: start.token },
    })
    expect(plan.oplog).not.toBeNull()
    expect(await at.state()).toEqual(before)
    expect(await moves(at)).toEqual([])
    // There is no rate as long as the oplog holds one second.
    const headroomMs = async () => {
      await at.insert(new ObjectId())
      return (await planReset(at.options, 'copies', { kind: 'token', token: start.token })).headroomMs
    }
    await expect.poll(headroomMs).toBeGreaterThan(0)
  })

  test('says how many changes a skip would leave out, and does not count what the pipeline does not let through', async () => {
    await using at = await setting({ pipeline: [{ $match: { 'documentKey._id': { $gt: 1 } } }] })
    await at.run()
    await at.insert(1, 2, 3)
    expect(await planReset(at.options, 'copies', { kind: 'latest' })).toMatchObject({
      direction: 'skip',
      changes: { count: 2, exact: true },
    })
  })

  test('of the place where the stream is already is none', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    const { token } = await saved(at)
    expect(await planReset(at.options, 'copies', { kind: 'token', token: token.toLowerCase() })).toMatchObject({
      direction: 'none',
      changes: { count: 0, exact: true },
    })
  })
})

describe.concurrent('a reset', () => {
  test('to an older token delivers again what came after it, and nothing else', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1, 2, 3, 4)
    await at.run()
    const { plan, done } = await reset(at, { kind: 'token', token: at.tokens.get(2)! })
    expect(plan.changes).toEqual({ count: 2, exact: true })
    expect(done.undo!.token).toBe(plan.from.token)
    await at.run()
    expect(at.handed).toEqual([1, 2, 3, 4, 3, 4])
  })

  test('to a time begins with that second’s first change', async ({ expect }) => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    await expect.poll(() => serverSeconds(at)).toBeGreaterThan(tokenTime(at.tokens.get(1)!).t)
    await at.insert(2, 3)
    await at.run()
    const second = tokenTime(at.tokens.get(2)!).t
    await expect.poll(() => serverSeconds(at)).toBeGreaterThan(second)
    const { plan } = await reset(at, { kind: 'time', time: new Date(second * 1000 + 900) })
    expect(plan.to).toMatchObject({ by: 'own', clusterTime: { t: second, i: 0 } })
    await at.run()
    expect(at.handed).toEqual([1, 2, 3, 2, 3])
  })

  test('to so long ago, or by so much, counts on the server’s clock and from the saved position', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    const from = await saved(at)
    const earliest = (await serverSeconds(at)) - 5
    const ago = await planReset(at.options, 'copies', { kind: 'ago', ms: 5000 })
    expect(ago.to.clusterTime.t).toBeGreaterThanOrEqual(earliest)
    expect(ago.to.clusterTime.t).toBeLessThanOrEqual((await serverSeconds(at)) - 5)
    const by = await planReset(at.options, 'copies', { kind: 'by', ms: -1000 })
    expect(by.to.clusterTime).toEqual({ t: from.clusterTime.t - 1, i: 0 })
  })

  test('to latest skips what is there, and prev brings it back as changes that were never handled', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    await at.insert(2, 3)
    const skip = await reset(at, { kind: 'latest' })
    expect(skip.plan.direction).toBe('skip')
    await at.insert(4)
    await at.run()
    expect(at.handed).toEqual([1, 4])

    const undo = await reset(at, { kind: 'prev' })
    expect(undo.plan).toMatchObject({ direction: 'rewind', changes: { count: 3, exact: true } })
    await at.run()
    expect(at.replays).toEqual([
      [1, false],
      [4, false],
      [2, false],
      [3, false],
      [4, true],
    ])

    // A second undo of the same skip: now they were handled.
    at.replays.length = 0
    await reset(at, { kind: 'token', token: undo.plan.to.token })
    await at.run()
    expect(at.replays).toEqual([
      [2, true],
      [3, true],
      [4, true],
    ])
  })

  test('to earliest opens at the oldest entry of the oplog', async () => {
    await using at = await setting()
    await at.insert(1, 2)
    await at.run()
    expect(at.handed).toEqual([])
    const { plan } = await reset(at, { kind: 'earliest' })
    expect(plan.direction).toBe('rewind')
    await at.run()
    expect(at.handed).toEqual([1, 2])
  })

  test('to another stream’s position takes it over as a foreign one', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    await at.place.db.collection('stream').insertOne({ ...(await at.state()), _id: 'other' as never })
    await at.insert(2, 3)
    await at.run()
    const { plan } = await reset(at, { kind: 'stream', name: 'other' })
    expect(plan).toMatchObject({ to: { by: 'foreign' }, changes: { count: 2, exact: true } })
    await at.run()
    expect(at.handed).toEqual([1, 2, 3, 2, 3])
  })

  test('is in the history with who, why, before and after, and clears the last error', async () => {
    await using at = await setting()
    await at.run()
    await at.place.db
      .collection('stream')
      .updateOne({}, { $set: { lastError: { code: 'HANDLER_FAILED', name: 'Error', at: new Date() } } })
    expect((await streamStatus(at.options, 'copies')).state).toBe('halted')
    await at.insert(1)
    const plan = await planReset(at.options, 'copies', { kind: 'latest' })
    const done = await applyReset(at.options, plan, { by: 'maria', reason: '$5 too much', action: 'reset-token' })
    expect(await moves(at)).toEqual([
      {
        stream: 'copies',
        action: 'reset-token',
        by: 'maria',
        reason: '$5 too much',
        before: plan.from,
        after: plan.to,
        rev: done.rev,
        at: expect.any(Date),
      },
    ])
    expect(done).toEqual({ rev: plan.rev + 1, undo: plan.from })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'stopped', lastError: null, rev: done.rev })
    await reset(at, { kind: 'prev' })
    expect(await history(at.options, 'copies', { limit: 1 })).toMatchObject([
      { action: 'reset', before: plan.to, after: plan.from },
    ])
  })
})

describe.concurrent('a refusal', () => {
  const refusal = async (at: Setting, where: Where) => await caught(planReset(at.options, 'copies', where))

  test('nothing saved yet, no former position, an unknown stream: each names what to type', async () => {
    await using at = await setting()
    expect(await refusal(at, { kind: 'latest' })).toMatchObject({
      code: 'NOTHING_SAVED',
      exit: 4,
      message: expect.stringContaining('boletia-streams run copies'),
    })
    await at.run()
    expect(await refusal(at, { kind: 'prev' })).toMatchObject({
      code: 'NOTHING_SAVED',
      message: expect.stringContaining('history copies'),
    })
    expect(await caught(planReset(at.options, 'nobody', { kind: 'latest' }))).toMatchObject({
      code: 'UNKNOWN_STREAM',
      exit: 4,
      details: { known: ['copies'] },
    })
    expect(await refusal(at, { kind: 'stream', name: 'nobody' })).toMatchObject({ code: 'UNKNOWN_STREAM' })
  })

  test('a future time or token is FUTURE_TIME, a malformed token TOKEN_UNUSABLE', async () => {
    await using at = await setting()
    await at.run()
    const token = (await saved(at)).token
    expect(await refusal(at, { kind: 'time', time: new Date(Date.now() + 3_600_000) })).toMatchObject({
      code: 'FUTURE_TIME',
      exit: 6,
    })
    expect(await refusal(at, { kind: 'by', ms: 3_600_000 })).toMatchObject({ code: 'FUTURE_TIME' })
    expect(await refusal(at, { kind: 'token', token: `82FF${token.slice(4)}` })).toMatchObject({ code: 'FUTURE_TIME' })
    expect(await refusal(at, { kind: 'token', token: 'DEADBEEF' })).toMatchObject({
      code: 'TOKEN_UNUSABLE',
      exit: 6,
      message: expect.stringContaining('byte 0'),
    })
    expect(await refusal(at, { kind: 'token', token: token.slice(0, -2) })).toMatchObject({ code: 'TOKEN_UNUSABLE' })
  })

  test('--if-rev of an older plan, and a position that moved meanwhile, are POSITION_MOVED and change nothing', async () => {
    await using at = await setting()
    await at.run()
    const plan = await planReset(at.options, 'copies', { kind: 'latest' })
    expect(await caught(applyReset(at.options, plan, { ...operator, ifRev: plan.rev - 1 }))).toMatchObject({
      code: 'POSITION_MOVED',
      exit: 5,
    })
    await at.insert(1)
    await at.run()
    const before = await at.state()
    expect(await caught(applyReset(at.options, plan, { ...operator, ifRev: plan.rev }))).toMatchObject({
      code: 'POSITION_MOVED',
      message: expect.stringContaining(`rev was ${plan.rev}, now it is ${before['rev']}`),
    })
    expect(await at.state()).toEqual(before)
    expect(await moves(at)).toEqual([])
  })

  test('a changed definition needs consent; with it the new fingerprint is saved', async () => {
    await using at = await setting()
    await at.run()
    const options = { ...at.options, streams: [{ ...at.stream, pipeline: [{ $match: { operationType: 'insert' } }] }] }
    const plan = await planReset(options, 'copies', { kind: 'latest' })
    expect(plan.fingerprint.drift).toBe(true)
    expect(await caught(applyReset(options, plan, operator))).toMatchObject({ code: 'FINGERPRINT_CHANGED', exit: 6 })
    await applyReset(options, plan, { ...operator, acceptDrift: true })
    expect((await streamStatus(options, 'copies')).fingerprint).toEqual({
      hash: plan.fingerprint.hash,
      savedHash: plan.fingerprint.hash,
      drift: false,
    })
  })
})

describe.concurrent('an old owner', () => {
  async function ownerAndPlan(at: Setting) {
    await at.run()
    const start = await saved(at)
    await at.insert(1, 2)
    await at.run()
    const places = resolvePlaces(at.options)
    const own = ownState(at.place, 'copies', (await at.state())['fingerprint'] as string)
    const { store } = own
    const { checkpoint } = await own.claim('old/1/aaaaaa')
    /** It was frozen for longer than its lease, and does not know. */
    const expire = () => at.place.db.collection('stream.leases').updateOne({}, { $set: { until: new Date(0) } })
    await at.insert(3)
    const reached = await mongoChangeSource(at.stream, watchedNamespace(at.stream, places)).anchor('now')
    const claim: Claim = { name: 'copies', epoch: checkpoint.epoch, rev: checkpoint.rev }
    const advance: Advance = { position: reached, settled: true, uuid: null }
    const plan = await planReset(at.options, 'copies', { kind: 'token', token: start.token })
    /** The owner's transaction: its effects are done, and it is committed once `finish` is called. */
    async function transaction(effects: Effects) {
      let finish!: () => void
      const finished = new Promise<void>((resolve) => (finish = resolve))
      let committed!: ReturnType<typeof store.commitWith>
      await new Promise<void>((resolve) => {
        const slow: Effects = async (session) => {
          await effects(session)
          resolve()
          await finished
        }
        committed = store.commitWith(claim, advance, slow, false)
      })
      return { finish, committed }
    }
    return { own, expire, plan, start, reached, transaction, commit: () => store.commit(claim, advance) }
  }

  test('that is alive keeps its stream: the reset is refused with LEASE_HELD, naming it, and changes nothing', async () => {
    await using at = await setting()
    const { own, plan, commit } = await ownerAndPlan(at)
    await using _ = own
    const before = await at.state()
    expect(await caught(applyReset(at.options, plan, operator))).toMatchObject({
      code: 'LEASE_HELD',
      exit: 5,
      message: expect.stringContaining('old/1/aaaaaa'),
    })
    expect(await at.state()).toEqual(before)
    expect((await commit()).kind).toBe('committed')
  })

  test('is fenced by a reset: its next save is refused and the operator’s position stays', async () => {
    await using at = await setting()
    const { own, expire, plan, start, commit } = await ownerAndPlan(at)
    await using _ = own
    await expire()
    await applyReset(at.options, plan, operator)
    expect((await commit()).kind).toBe('fenced')
    expect((await at.state())['token']).toBe(start.token)
    await at.run()
    expect(at.handed).toEqual([1, 2, 1, 2, 3])
  })

  test('overwrites the naive reset, which writes on condition of rev but raises no epoch', async () => {
    await using at = await setting()
    const { own, expire, plan, start, reached, commit } = await ownerAndPlan(at)
    await using _ = own
    await expire()
    const naive = await at.place.db
      .collection('stream')
      .updateOne({ _id: 'copies' as never, rev: plan.rev }, { $set: { ...toPositionDocument(start) } })
    expect(naive.modifiedCount).toBe(1)
    expect((await commit()).kind).toBe('committed')
    expect((await at.state())['token']).toBe(reached.token)
    await at.run()
    // Three changes were to come again; none did.
    expect(at.handed).toEqual([1, 2])
  })

  test('that saved between plan and apply is neither overwritten nor lost: the reset is refused', async () => {
    await using at = await setting()
    const { own, expire, plan, reached, commit } = await ownerAndPlan(at)
    await using _ = own
    await expire()
    expect((await commit()).kind).toBe('committed')
    expect(await caught(applyReset(at.options, plan, operator))).toMatchObject({ code: 'POSITION_MOVED' })
    expect((await at.state())['token']).toBe(reached.token)
    expect(await moves(at)).toEqual([])
  })

  test('whose transaction is open loses it: the reset goes through at once, and the effects are rolled back', async () => {
    await using at = await setting()
    const { own, expire, plan, start, transaction } = await ownerAndPlan(at)
    await using _ = own
    await expire()
    await at.place.db.createCollection('effects')
    const { finish, committed } = await transaction(async (session) => {
      await at.place.db.collection('effects').insertOne({}, session && { session })
    })
    const points: string[] = []
    await applyReset(at.options, plan, { ...operator, observer: { passing: ({ point }) => void points.push(point) } })
    // At its first try, though the transaction is as open as before.
    expect(points.filter((point) => point === 'move.sessionsKilled')).toHaveLength(1)
    finish()
    expect(await committed.catch((error: unknown) => error)).not.toMatchObject({ kind: 'committed' })
    expect((await at.state())['token']).toBe(start.token)
    expect(await at.place.db.collection('effects').countDocuments()).toBe(0)
  })

  test('whose lease is not known, and whose transaction stays open, makes the reset give up after two seconds with nothing changed', async () => {
    await using at = await setting()
    const { own, expire, plan, transaction } = await ownerAndPlan(at)
    await using _ = own
    await expire()
    // As a worker of another database user would look: its sessions cannot be killed.
    await at.place.db.collection('stream.leases').updateOne({}, { $set: { sessions: [] } })
    const before = await at.state()
    const { finish, committed } = await transaction(async () => undefined)
    const began = performance.now()
    expect(await caught(applyReset(at.options, plan, operator))).toMatchObject({
      code: 'POSITION_MOVED',
      message: expect.stringContaining('old/1/aaaaaa'),
    })
    const took = performance.now() - began
    expect(await at.state()).toEqual(before)
    expect(await moves(at)).toEqual([])
    finish()
    // It was open all the time.
    expect(await committed).toMatchObject({ kind: 'committed' })
    expect(took).toBeGreaterThanOrEqual(2000)
    expect(took).toBeLessThan(20_000)
  })
})

describe.concurrent('type bits', () => {
  test('of double and Decimal128 keys survive a reset and its undo; without them the server refuses the token with 50810', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(new Double(1.5), Decimal128.fromString('1.10'), 'plain')
    await at.run(1)
    const double = await saved(at)
    expect(double.typeBits).toBeDefined()
    const refused = at.place.db.collection('source').watch([], { startAfter: { _data: double.token } })
    expect(await caught(refused.tryNext())).toMatchObject({ code: 50810 })
    await refused.close()

    const skip = await reset(at, { kind: 'latest' })
    expect(skip.done.undo!.typeBits).toEqual(double.typeBits)
    expect(await at.state()).not.toHaveProperty('typeBits')
    const { plan } = await reset(at, { kind: 'prev' })
    expect(plan).toMatchObject({ to: double, changes: { count: 2, exact: true } })
    expect(await saved(at)).toEqual(double)
    await at.run(1)
    expect((await saved(at)).typeBits).not.toEqual(double.typeBits)
    await at.run()
    expect(at.handed).toEqual([1.5, Decimal128.fromString('1.10'), 'plain'])
    const [undone] = await history(at.options, 'copies')
    expect(undone?.after).toEqual(double)
  })
})

test('an operator holds the lease as `<host>/<pid>/<6 hex>`, like a worker; who it was is in the history', async () => {
  await using at = await setting()
  await at.run()
  const start = await saved(at)
  await at.insert(1)
  await at.run()
  const named = { 'updateDescription.updatedFields.owner': { $type: 'string' } }
  await using taken = at.place.admin.collection('stream.leases').watch([{ $match: named }])
  await taken.tryNext()
  await reset(at, { kind: 'token', token: start.token })
  const event = await taken.next()
  const owner = event.operationType === 'update' ? event.updateDescription.updatedFields?.['owner'] : null
  expect(owner).toMatch(new RegExp(`^.+/${process.pid}/[0-9a-f]{6}$`))
  expect(await moves(at)).toMatchObject([{ by: operator.by }])
})
