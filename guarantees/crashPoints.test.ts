import type { CrashPoint } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { isFirstStart, movePoints, places, points, pointsOf } from './harness/places.js'
import type { Trial } from './harness/trial.js'
import { ownServer } from './own.js'

const own = ownServer()
const killed = new Set<CrashPoint>()
const timeout = 120_000

async function killAt(trial: Trial, point: CrashPoint): Promise<void> {
  const { often, fault } = places[point]
  await trial.kill({ point, nth: often ? 4 : 1, fault, ttlMs: point.startsWith('lease.renew') ? 300 : 10_000 })
  killed.add(point)
}

const none = { lost: 0, stuck: 0, doubled: 0 }

test(
  'exactly once: a projection by transaction, killed with SIGKILL at each crash point, loses no change and does none twice',
  { timeout },
  async () => {
    await using trial = own.trial('project')
    for (const point of pointsOf('project')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  'exactly once: a guarded bulk projection, killed with SIGKILL at each crash point, loses no change and does none twice',
  { timeout },
  async () => {
    await using trial = own.trial('guarded')
    for (const point of pointsOf('guarded')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  'at least once: a handler, killed with SIGKILL at each crash point, loses no change and repeats at most the one in hand at each kill; its guarded effect is done once',
  { timeout },
  async () => {
    await using trial = own.trial('handle')
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
    await using trial = own.trial('lanes')
    for (const point of pointsOf('lanes')) await killAt(trial, point)
    expect(await trial.verdict()).toMatchObject(none)
  },
)

test(
  "an operator's move, killed with SIGKILL at each crash point, is done wholly or not at all, and the next worker goes on",
  { timeout },
  async () => {
    await using trial = own.trial('guarded')
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

test('each registered crash point was killed in this run', () => {
  expect(points.filter((point) => !killed.has(point))).toEqual([])
  expect(points.filter(isFirstStart)).toHaveLength(2)
})
