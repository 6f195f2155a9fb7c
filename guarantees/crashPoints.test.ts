import type { CrashPoint } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { parkingTrial } from './harness/parkingTrial.js'
import type { ParkingKind } from './harness/poison.js'
import { backfillPoints, isBeforeOwner, movePoints, parkingPoints, places, points, pointsOf } from './harness/places.js'
import type { Trial } from './harness/trial.js'
import { diedOfKill } from './harness/workers.js'
import { ownServer } from './own.js'
import { noting } from './programs/noting.js'

const own = ownServer()
const killed = new Set<CrashPoint>()
const timeout = 240_000

async function killAt(trial: Trial, point: CrashPoint): Promise<void> {
  const { often, fault } = places[point]
  // Between two reads there may be a thousand changes, each of which a strict handler saves.
  const nth = !often ? 1 : point.startsWith('read.') ? 2 : 4
  await trial.kill({ point, nth, fault, ttlMs: point.startsWith('lease.renew') ? 300 : 10_000 })
  killed.add(point)
}

const none = { lost: 0, stuck: 0, doubled: 0 }

test(
  'exactly once: a projection by transaction, killed with SIGKILL at each crash point, loses no change and does none twice',
  { timeout },
  async () => {
    await using trial = await own.trial('project')
    for (const point of pointsOf('project')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  'exactly once: a guarded bulk projection, killed with SIGKILL at each crash point, loses no change and does none twice',
  { timeout },
  async () => {
    await using trial = await own.trial('guarded')
    for (const point of pointsOf('guarded')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  'at least once: a handler, killed with SIGKILL at each crash point, loses no change and repeats at most the one in hand at each kill; its guarded effect is done once',
  { timeout },
  async () => {
    await using trial = await own.trial('handle')
    for (const point of pointsOf('handle')) await killAt(trial, point)
    const verdict = await trial.verdict()
    expect(verdict).toMatchObject(none)
    expect(verdict.repeated).toBeLessThanOrEqual(verdict.kills)
    // Killed between the handler and its checkpoint, twice: at least these came again.
    expect(verdict.repeated).toBeGreaterThanOrEqual(2)
  },
)

test(
  'at least once: handlers side by side, killed with SIGKILL at each crash point, lose no change; their guarded effects are done once',
  { timeout },
  async () => {
    await using trial = await own.trial('lanes')
    for (const point of pointsOf('lanes')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  "an operator's move, killed with SIGKILL at each crash point, is done wholly or not at all, and the next worker goes on",
  { timeout },
  async () => {
    await using trial = await own.trial('guarded')
    for (const point of ['start.anchored', 'start.created', 'checkpoint.saved'] as const) await killAt(trial, point)
    const { db } = trial
    const state = async () => {
      const [saved] = await db.collection('stream').find().toArray()
      const rows = await db.collection('stream.history').find({ action: 'reset' }).sort({ rev: 1 }).toArray()
      return { token: saved!['token'] as string, rev: saved!['rev'] as number, rows: rows.map((row) => row['rev'] as number) }
    }
    for (const point of movePoints) {
      const before = await state()
      await trial.move(point, -2000)
      killed.add(point)
      const after = await state()
      const done = point === 'move.committed' || point === 'move.released'
      if (done) {
        expect(after).toMatchObject({ rev: before.rev + 1, rows: [...before.rows, before.rev + 1] })
        expect(after.token < before.token).toBe(true)
      } else expect(after).toEqual(before)
      await trial.kill({ point: 'checkpoint.saved', nth: 3 })
    }
    expect(await trial.verdict()).toMatchObject(none)
  },
)

const parkedRounds = 54
const parkedKeys = [6, 7]
const changes = parkedRounds * parkedKeys.length
const orderly = { source: changes, nowhere: 0, overtaken: 0 }

/** A stream with one change that cannot be handled, and three of its key behind that. */
async function parkingOf(kind: ParkingKind, mutant?: string) {
  const database = await own.database(noting(kind, { isBroken: false, onError: 'park' }))
  const trial = parkingTrial({
    client: own.client,
    database,
    kind,
    keys: parkedKeys,
    ...(mutant !== undefined && { mutant }),
  })
  await trial.toEnd('broken')
  for (let n = 0; n < parkedRounds; n += 1) await trial.write(n)
  return { ...trial, db: own.client.db(database.name) }
}

/** A worker that is told to put back what is parked, and killed before it does: it is frozen when it is told, so that it cannot have begun. */
async function marked(trial: Awaited<ReturnType<typeof parkingOf>>): Promise<void> {
  await using worker = trial.start('mended', 'on')
  await worker.heard(60_000, 'opened')
  worker.signal('SIGSTOP')
  await trial.mark()
  worker.signal('SIGKILL')
  await diedOfKill(worker, 60_000)
}

test.each(['handle', 'project', 'guarded'] as const)(
  'parking and putting back, killed with SIGKILL at each crash point, leave each change handled, parked or held, and every key in order (%s)',
  { timeout },
  async (kind) => {
    const trial = await parkingOf(kind)
    const kill = async (handling: 'broken' | 'mended', point: CrashPoint) => {
      await trial.killAt(handling, point)
      killed.add(point)
      const { twice, ...rest } = trial.equation()
      expect({ ...rest, point }).toMatchObject({ ...orderly, point })
      // Handled, and its letter not yet gone: only a transaction has both at once.
      expect(twice).toBeLessThanOrEqual(kind === 'project' ? 0 : 1)
    }
    for (const point of parkingPoints.filter((each) => each.startsWith('park.'))) {
      await trial.killAt('broken', point)
      killed.add(point)
    }
    await trial.toEnd('broken')
    expect(trial.equation()).toMatchObject({ ...orderly, twice: 0, handled: changes - 4, parked: 1, held: 3 })
    await marked(trial)
    await kill('broken', 'redrive.failing')
    for (const point of [
      'redrive.begun',
      'redrive.removing',
      'redrive.removed',
      'redrive.committed',
      'redrive.released',
    ] as const)
      await kill('mended', point)
    await trial.toEnd('mended')
    const verdict = trial.equation()
    expect(verdict).toMatchObject({ ...orderly, twice: 0, handled: changes, parked: 0, held: 0 })
    // The handler's own effect is not guarded: each kill between it and the removal of its letter did it once more.
    if (kind === 'handle') expect(verdict.repeated).toBeGreaterThanOrEqual(2)
    else expect(verdict.repeated).toBe(0)
  },
)

test(
  "an operator's skip, killed with SIGKILL at each crash point, has parked the change, with its position and its row in the history, or done nothing; the stream goes on",
  { timeout },
  async () => {
    const trial = await parkingOf('handle')
    const blocking = (await trial.halting('broken'))!
    const count = async (collection: string) => await trial.db.collection(`stream.${collection}`).countDocuments()
    const state = async () => {
      const [saved] = await trial.db.collection('stream').find().toArray()
      const { token, rev } = saved as unknown as { readonly token: string; readonly rev: number }
      return { token, rev, rows: await count('history'), letters: await count('deadLetters') }
    }
    const before = await state()
    for (const point of movePoints.slice(0, movePoints.indexOf('move.committed'))) {
      await trial.killSkipAt(blocking, point)
      expect({ ...(await state()), point }).toEqual({ ...before, point })
    }
    await trial.killSkipAt(blocking, 'move.committed')
    const after = await state()
    expect(after).toMatchObject({ rev: before.rev + 1, rows: before.rows + 1, letters: 1 })
    // Handlers side by side may have left unsettled changes before it: then the position stays.
    expect(after.token >= before.token).toBe(true)
    expect(await trial.halting('broken')).toBeNull()
    expect(trial.equation()).toMatchObject({ ...orderly, twice: 0, handled: changes - 4, parked: 1, held: 3 })
  },
)

test(
  'without the dead letter in the transaction of the checkpoint, a kill between the two loses the change',
  { timeout },
  async () => {
    const trial = await parkingOf('project', 'letterLater')
    await trial.killAt('broken', 'park.committed')
    await trial.toEnd('broken')
    expect(trial.equation().nowhere).toBeGreaterThan(0)
  },
)

test(
  'with the removal of the dead letter before its change is handled, a kill between the two loses the change',
  { timeout },
  async () => {
    const trial = await parkingOf('handle', 'letterFirst')
    await trial.toEnd('broken')
    await marked(trial)
    await trial.killAt('mended', 'handler.begun')
    await trial.toEnd('mended')
    expect(trial.equation().nowhere).toBe(1)
  },
)

test('each registered crash point was killed in this run, but for those of backfill.test.ts and gap.test.ts', () => {
  expect(points.filter((point) => !killed.has(point))).toEqual(backfillPoints)
  expect(points.filter(isBeforeOwner)).toHaveLength(3)
})
