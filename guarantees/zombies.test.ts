import { setTimeout as delay } from 'node:timers/promises'
import type { CrashPoint } from '@boletia/streams-core/testing'
import type { Db } from 'mongodb'
import { expect, test } from 'vitest'
import { count } from './harness/count.js'
import { ambushAt, ordinary } from './harness/workers.js'
import { startProgram } from './harness/program.js'
import { ownServer } from './own.js'

const own = ownServer()
const none = { lost: 0, stuck: 0, doubled: 0 }
const ttlMs = 400
const timeout = 240_000
const soon = 60_000

const frozen: readonly (readonly ['project' | 'guarded' | 'handle' | 'lanes', readonly CrashPoint[]])[] = [
  // In the midst of a transaction, before and after its commit, with a change in hand, before its fence, before it may hand out.
  [
    'project',
    [
      'transaction.checkpointWritten',
      'transaction.committing',
      'transaction.committed',
      'handler.done',
      'lease.acquired',
      'read.answered',
    ],
  ],
  ['guarded', ['handler.done', 'bulk.effectsWritten', 'checkpoint.saved']],
  ['handle', ['handler.begun', 'checkpoint.saving', 'lease.renewing']],
  ['lanes', ['handler.begun', 'handler.done', 'checkpoint.saved']],
]

for (const [mode, points] of frozen) {
  test(
    `a ${mode} worker that is frozen beyond its lease is fenced when it wakes up behind its successor`,
    { timeout },
    async () => {
      await using trial = await own.trial(mode)
      await trial.kill({ point: 'start.created', nth: 1 })
      for (const point of points) {
        const nth = point.startsWith('lease.') ? 1 : 3
        const { code } = await trial.zombie({ point, nth, ttlMs, thaw: 'fenced' })
        expect([point, code]).toEqual([point, 'FENCED'])
      }
      expect(await trial.verdict()).toMatchObject(none)
    },
  )
}

test('a worker that wakes up around the end of its lease does no harm, whoever is the owner then', { timeout }, async () => {
  await using trial = await own.trial('project')
  await trial.kill({ point: 'start.created', nth: 1 })
  for (const thaw of [100, 360, 400, 440]) await trial.zombie({ point: 'transaction.checkpointWritten', nth: 2, ttlMs, thaw })
  expect(await trial.verdict()).toMatchObject(none)
})

test('the control: without the fence a zombie does the change in its hand a second time', { timeout }, async () => {
  await using trial = await own.trial('project', { mutant: 'noFence' })
  await trial.kill({ point: 'start.created', nth: 1 })
  // One change and no more: with others at hand it would ask for its lease before it commits.
  await trial.write(1)
  const { uri, rootUri } = trial.database
  await using zombie = startProgram('worker', [uri, 'project'], 'noFence')
  await using successor = startProgram('worker', [uri, 'project'], 'noFence')
  zombie.order({ ...ordinary, ttlMs, ambushes: [ambushAt('handler.done', 1, 'SIGSTOP')] })
  await zombie.heard(soon, 'signal')
  successor.order({ ...ordinary, standby: true })
  await expect.poll(() => counted(trial.db), { timeout: soon }).toBe(1)
  zombie.signal('SIGCONT')
  await zombie.ended(soon)
  expect(await counted(trial.db)).toBe(2)
  await expect.poll(() => count(rootUri, 'project')).toMatchObject({ doubled: 1, exit: 1 })
})

test('a fenced zombie changes nothing: neither effects, nor the checkpoint, nor its history', { timeout }, async () => {
  await using trial = await own.trial('project')
  const { db, database } = trial
  await trial.kill({ point: 'start.created', nth: 1 })
  await trial.write(4)
  await using zombie = startProgram('worker', [database.uri, 'project'])
  await using successor = startProgram('worker', [database.uri, 'project'])
  zombie.order({ ...ordinary, ttlMs, ambushes: [ambushAt('transaction.committing', 1, 'SIGSTOP')] })
  const { at } = await zombie.heard(soon, 'signal')
  successor.order({ ...ordinary, standby: true })
  expect((await successor.heard(soon, 'fenced')).at).toBeGreaterThanOrEqual(at)
  await expect.poll(() => counted(db), { timeout: soon }).toBe(4)

  // A heartbeat of its own would be a change too.
  successor.signal('SIGSTOP')
  const before = await everything(db)
  zombie.signal('SIGCONT')
  expect(await zombie.heard(soon, 'failed')).toMatchObject({ code: 'FENCED' })
  expect(await zombie.ended(soon)).toMatchObject({ code: 1 })
  expect(await everything(db)).toEqual(before)
})

test('a fenced standby does not end: it waits, and is the owner again when its successor dies', { timeout }, async () => {
  await using trial = await own.trial('project')
  const { db, database } = trial
  await trial.kill({ point: 'start.created', nth: 1 })
  await trial.write(4)
  await using zombie = startProgram('worker', [database.uri, 'project'])
  await using successor = startProgram('worker', [database.uri, 'project'])
  zombie.order({ ...ordinary, ttlMs, standby: true, ambushes: [ambushAt('transaction.checkpointWritten', 1, 'SIGSTOP')] })
  await zombie.heard(soon, 'signal')
  successor.order({ ...ordinary, ttlMs, standby: true })
  await expect.poll(() => counted(db), { timeout: soon }).toBe(4)
  zombie.signal('SIGCONT')
  await trial.write(4)
  await expect.poll(() => counted(db), { timeout: soon }).toBe(8)

  successor.signal('SIGKILL')
  await successor.ended(soon)
  await trial.write(4)
  await expect.poll(() => counted(db), { timeout: soon }).toBe(12)
  zombie.signal('SIGKILL')
  await zombie.ended(soon)
  expect(await trial.verdict()).toMatchObject(none)
})

test('a standby takes over within the ttl and a moment, wherever its owner froze', { timeout }, async () => {
  await using trial = await own.trial('project')
  await trial.kill({ point: 'start.created', nth: 1 })
  for (const point of ['handler.begun', 'transaction.checkpointWritten', 'read.asked'] as const) {
    await using pace = paceOf(trial.db)
    const { takeoverMs } = await trial.zombie({ point, nth: 2, ttlMs: 500, thaw: 'fenced' })
    // The promise is the ttl + 200 ms, which the soak measures on a quiet machine. Here other tests may be busy beside: a standby waits for a
    // processor, and the server with it, a dozen times.
    expect(takeoverMs).toBeLessThan(500 + 200 + 2000 + 12 * (await pace.worstMs()))
  }
})

/** How long this machine lets a process wait that asks the server something now and then, at most, until it is asked for. */
function paceOf(db: Db) {
  const over = new AbortController()
  const asking = (async () => {
    let worst = 0
    for (let due = performance.now(); !over.signal.aborted; due = performance.now() + 20) {
      await delay(Math.max(0, due - performance.now()))
      await db.command({ ping: 1 })
      worst = Math.max(worst, performance.now() - due)
    }
    return worst
  })()
  const worstMs = () => {
    over.abort()
    return asking
  }
  return { worstMs, [Symbol.asyncDispose]: async () => void (await worstMs()) }
}

async function counted(db: Db): Promise<number> {
  const buckets = await db.collection<{ n?: Record<string, number> }>('mirror').find().toArray()
  return buckets.flatMap(({ n }) => Object.values(n ?? {})).reduce((sum, times) => sum + times, 0)
}

/** What a zombie could touch. The lease and the date of the checkpoint are its living successor's. */
async function everything(db: Db): Promise<unknown> {
  const all = async (name: string) =>
    await db
      .collection(name)
      .find({}, { projection: { updatedAt: 0, movedAt: 0 } })
      .toArray()
  return await Promise.all(['effects', 'mirror', 'stream', 'stream.history'].map(all))
}
