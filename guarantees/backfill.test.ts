import type { CrashPoint } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { backfillTrial } from './harness/backfillTrial.js'
import type { CopyKind } from './harness/existing.js'
import { ambushAt } from './harness/workers.js'
import { ownServer } from './own.js'
import { copying } from './programs/copying.js'

const own = ownServer()
const documents = { project: 3000, handle: 1200, naive: 3000 }
const timeout = 240_000
const equal = { missing: 0, extra: 0, different: 0, miscounted: 0, exit: 0 }
const inFlight: Readonly<Record<Exclude<CopyKind, 'naive'>, readonly (readonly [CrashPoint, number])[]>> = {
  project: [
    ['transaction.checkpointWritten', 2],
    ['transaction.committing', 1],
    ['transaction.committed', 1],
  ],
  handle: [
    // Fewer than are certainly left when a kill after the first thousand came late.
    ['handler.done', 100],
    ['checkpoint.saving', 2],
    ['checkpoint.saved', 2],
  ],
}

const trialOf = async (kind: CopyKind) =>
  await backfillTrial(own.client, await own.database(...(kind === 'naive' ? [] : [copying(kind)])), kind, documents[kind])

for (const kind of ['project', 'handle'] as const) {
  test(
    `a ${kind} stream that begins with a backfill is killed at each of its crash points while writers go on: source and target end equal, and each document is counted once`,
    { timeout },
    async () => {
      const trial = await trialOf(kind)
      for (const point of ['start.anchored', 'start.created'] as const) await trial.killAt(point)
      await trial.killAt('backfill.asked', 1)
      await trial.killAt('backfill.answered', 2)
      for (const [point, nth] of inFlight[kind]) await trial.killAt(point, nth)
      await trial.killAt('backfill.ending')
      await trial.killAt('backfill.ended')
      const verdict = await trial.verdict()
      expect(verdict).toMatchObject(equal)
      expect(verdict.written).toBeGreaterThan(100)
    },
  )
}

test('a worker that is frozen in a backfill is fenced when it wakes up behind its successor', { timeout }, async () => {
  const trial = await trialOf('project')
  const ttlMs = 400
  await using zombie = trial.start({ ttlMs, ambushes: [ambushAt('transaction.committing', 2, 'SIGSTOP')] })
  await zombie.heard(timeout, 'signal')
  await using successor = trial.start({ ttlMs: 10_000, standby: true })
  await successor.heard(timeout, 'opened')
  zombie.signal('SIGCONT')
  expect(await zombie.heard(timeout, 'failed')).toMatchObject({ code: 'FENCED' })
  successor.signal('SIGTERM')
  await successor.ended(timeout)
  expect(await trial.verdict()).toMatchObject(equal)
})

test('the checker notices: a copy after which the watching begins loses what is written in between', { timeout }, async () => {
  const trial = await trialOf('naive')
  await using worker = trial.start()
  await worker.heard(timeout, 'opened')
  const verdict = await trial.verdict()
  expect(verdict.exit).toBe(1)
  expect(verdict.missing + verdict.extra + verdict.different).toBeGreaterThan(0)
})
