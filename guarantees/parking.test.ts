import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parkingTrial } from './harness/parkingTrial.js'
import type { Numbered } from './harness/poison.js'
import { ownServer } from './own.js'

const own = ownServer()
const keys = 100
const rounds = 100
const within = 60_000
const moments = [30, 150, 400, 80, 250]

test.each(['handle', 'project'] as const)(
  'one poison change among 10,000 of 100 keys parks one and holds those behind it; mended, they are put back in order under load, with kill -9 all the way: source = handled + parked + held (%s)',
  { timeout: 180_000 },
  async (kind) => {
    const database = `parking_${kind}`
    const all = Array.from({ length: keys }, (_, key) => key)
    const trial = parkingTrial({ client: own.client, database, uri: own.set.uriFor(database), kind, keys: all })

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
    {
      await using first = trial.start('mended', 'on')
      await first.heard(within, 'opened')
      await trial.mark()
      expect(await trial.killInRedrive(first)).toBeGreaterThan(0)
    }
    for (let kills = 0; kills < 3; kills += 1) expect(await trial.killInRedrive(trial.start('mended', 'on'))).toBeGreaterThan(0)
    enough.abort()
    await load
    await trial.toEnd('mended')
    const changes = n * keys
    const whole = { source: changes, handled: changes, parked: 0, held: 0, nowhere: 0, twice: 0, overtaken: 0 }
    expect(trial.equation()).toMatchObject(kind === 'project' ? { ...whole, repeated: 0 } : whole)
  },
)

test('the checker notices: without holding, those behind the poison overtake it', async () => {
  const uri = own.set.uriFor('overtaken')
  const db = own.client.db('overtaken')
  const { equation } = parkingTrial({ client: own.client, database: 'overtaken', uri, kind: 'project', keys: [7] })
  await db.collection<Numbered>('source').insertMany([0, 1, 2].map((n) => ({ _id: `7-${n}`, key: 7, n })))
  await db.collection<{ _id: number; done: number[] }>('target').insertOne({ _id: 7, done: [0, 2, 1] })
  expect(equation()).toMatchObject({ handled: 3, nowhere: 0, overtaken: 1 })
  await db.collection<{ _id: number; done: number[] }>('target').updateOne({ _id: 7 }, { $set: { done: [0, 2] } })
  expect(equation()).toMatchObject({ handled: 2, nowhere: 1, overtaken: 1 })
})
