import { setTimeout as delay } from 'node:timers/promises'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { expect, test } from 'vitest'
import { parkingTrial } from './harness/parkingTrial.js'
import type { Numbered } from './harness/poison.js'
import { diedOfKill } from './harness/workers.js'
import { ownServer } from './own.js'
import { noting } from './programs/noting.js'

const own = ownServer()
const keys = 100
const rounds = 100
const within = 120_000
const moments = [30, 150, 400, 80, 250]
/** Each in the midst of putting back: some are handled by then, and of the fifty that were put aside most are left. */
const inRedrive = [
  ['redrive.removing', 3],
  ['redrive.committed', 5],
  ['redrive.removed', 4],
  ['redrive.begun', 6],
] as const satisfies readonly (readonly [CrashPoint, number])[]

test.each(['handle', 'project'] as const)(
  'one poison change among 10,000 of 100 keys parks one and holds those behind it; mended, they are put back in order under load, with kill -9 all the way: source = handled + parked + held (%s)',
  { timeout: 360_000 },
  async (kind) => {
    const all = Array.from({ length: keys }, (_, key) => key)
    const trial = parkingTrial({
      client: own.client,
      database: await own.database(noting(kind, { isBroken: false, onError: 'park' })),
      kind,
      keys: all,
    })

    await trial.toEnd('broken')
    const writing = (async () => {
      for (let n = 0; n < rounds; n += 1) await trial.write(n)
    })()
    for (const ms of moments) await trial.killAfter(trial.start('broken', 'on'), ms)
    await writing
    await trial.toEnd('broken')
    const parked = { source: 10_000, handled: 9950, parked: 1, held: 49, nowhere: 0, twice: 0, overtaken: 0 }
    expect(trial.equation()).toMatchObject(parked)

    const enough = new AbortController()
    let n = rounds
    const load = (async () => {
      for (; !enough.signal.aborted; n += 1) await Promise.all([trial.write(n), delay(100)])
    })()
    for (const [index, [point, nth]] of inRedrive.entries()) {
      await using worker = trial.start('mended', 'on', point, nth)
      if (index === 0) {
        await worker.heard(within, 'opened')
        await trial.mark()
      }
      await diedOfKill(worker, within)
      expect(await trial.left()).toBeGreaterThan(0)
    }
    // And once wherever it happens to be: a worker looks after a second for what it has to put back.
    await trial.killAfter(trial.start('mended', 'on'), 1050)
    enough.abort()
    await load
    await trial.toEnd('mended')
    const changes = n * keys
    const whole = { source: changes, handled: changes, parked: 0, held: 0, nowhere: 0, twice: 0, overtaken: 0 }
    expect(trial.equation()).toMatchObject(kind === 'project' ? { ...whole, repeated: 0 } : whole)
  },
)

test('the checker notices: without holding, those behind the poison overtake it', async () => {
  const database = await own.database()
  const db = own.client.db(database.name)
  const { equation } = parkingTrial({ client: own.client, database, kind: 'project', keys: [7] })
  await db.collection<Numbered>('source').insertMany([0, 1, 2].map((n) => ({ _id: `7-${n}`, key: 7, n })))
  await db.collection<{ _id: number; done: number[] }>('target').insertOne({ _id: 7, done: [0, 2, 1] })
  expect(equation()).toMatchObject({ handled: 3, nowhere: 0, overtaken: 1 })
  await db.collection<{ _id: number; done: number[] }>('target').updateOne({ _id: 7 }, { $set: { done: [0, 2] } })
  expect(equation()).toMatchObject({ handled: 2, nowhere: 1, overtaken: 1 })
})
