import type { Db } from 'mongodb'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import type { Trial } from './harness/trial.js'
import { ownServer } from './own.js'

const own = ownServer()
const none = { lost: 0, stuck: 0, doubled: 0 }
const timeout = 240_000
// Two batches of 1,000, so that the second one is gathered while the first one is committed.
const size = 2000
const full = 500

/** How often a change was done so far. */
async function done(db: Db): Promise<number> {
  const buckets = await db.collection<{ _id: number; n?: Readonly<Record<string, number>> }>('effects').find().toArray()
  return buckets.reduce((sum, { n }) => sum + Object.values(n ?? {}).reduce((all, times) => all + times, 0), 0)
}

/** Kills a worker that has a backlog of full batches before it; gives how many changes were done by then. */
async function killAmong(trial: Trial, point: CrashPoint, nth: number): Promise<number> {
  await trial.burst(size)
  const before = await done(trial.db)
  await trial.kill({ point, nth })
  return (await done(trial.db)) - before
}

const places = {
  project: [
    'transaction.checkpointWritten',
    'effects.partWritten',
    'transaction.committing',
    'transaction.committed',
    'read.answered',
  ],
  guarded: ['effects.partWritten', 'bulk.effectsWritten', 'checkpoint.saving', 'checkpoint.saved', 'read.answered'],
} as const satisfies Record<string, readonly CrashPoint[]>

for (const mode of ['project', 'guarded'] as const)
  test(
    `exactly once at full batch size: a ${mode} stream that is killed in the second of its batches of hundreds loses no change and does none twice`,
    { timeout },
    async () => {
      await using trial = await own.trial(mode)
      await trial.killAfter(0)
      const most = new Map<CrashPoint, number>()
      for (const point of places[mode]) most.set(point, await killAmong(trial, point, 2))
      expect(await trial.verdict()).toMatchObject({ ...none, kills: 1 + places[mode].length })
      // The batches were full: what a single kill found done, or would have had to do again.
      expect(most.get(mode === 'project' ? 'transaction.committed' : 'bulk.effectsWritten')).toBeGreaterThanOrEqual(full)
    },
  )

test(
  'the checker notices at full batch size: bulk writes without a guard, killed before their checkpoint, do hundreds of changes twice',
  { timeout },
  async () => {
    await using trial = await own.trial('unguarded')
    await trial.killAfter(0)
    const twice = await killAmong(trial, 'bulk.effectsWritten', 2)
    expect(twice).toBeGreaterThanOrEqual(full)
    const { doubled, lost, stuck } = await trial.verdict()
    expect({ lost, stuck }).toEqual({ lost: 0, stuck: 0 })
    expect(doubled).toBeGreaterThanOrEqual(full / 2)
    expect(doubled).toBeLessThanOrEqual(twice)
  },
)
