import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { planLetters, redriveLetters } from '@boletia/streams-core/admin'
import { expect, test } from 'vitest'
import { programPath } from './harness/paths.js'
import type { Numbered } from './harness/poison.js'
import { type Program, startProgram } from './harness/program.js'
import { ownServer } from './own.js'

const own = ownServer()
const keys = 100
const rounds = 100
const within = 60_000
const moments = [30, 150, 400, 80, 250]

/** Where each change is, told by another process with the bare driver. */
const equation = (uri: string) =>
  JSON.parse(execFileSync(process.execPath, [programPath('equation'), uri], { encoding: 'utf8' })) as Record<string, number>

const round = (n: number): Numbered[] => Array.from({ length: keys }, (_, key) => ({ _id: `${key}-${n}`, key, n }))

test.each(['handle', 'project'] as const)(
  'one poison change among 10,000 of 100 keys parks one and holds those behind it; mended, they are put back in order under load, with kill -9 all the way: source = handled + parked + held (%s)',
  { timeout: 180_000 },
  async (kind) => {
    const database = `parking_${kind}`
    const uri = own.set.uriFor(database)
    const db = own.client.db(database)
    const source = db.collection<Numbered>('source')
    const write = async (n: number) => void (await source.insertMany(round(n), { writeConcern: { w: 'majority' } }))
    const start = (state: 'broken' | 'mended', how: 'on' | 'once') => startProgram('parking', [uri, kind, state, how])
    const toEnd = async (state: 'broken' | 'mended') => {
      await using last = start(state, 'once')
      await last.heard(within, 'ended')
    }
    const killed = async (worker: Program, ms: number) => {
      await worker.heard(within, 'opened')
      await delay(ms)
      worker.signal('SIGKILL')
      expect(await worker.ended(within)).toMatchObject({ signal: 'SIGKILL' })
    }

    await toEnd('broken')
    const writing = (async () => {
      for (let n = 0; n < rounds; n += 1) await write(n)
    })()
    for (const ms of moments) await killed(start('broken', 'on'), ms)
    await writing
    await toEnd('broken')
    const parked = { source: 10_000, handled: 9950, parked: 1, held: 49, nowhere: 0, twice: 0, overtaken: 0 }
    expect(equation(uri)).toMatchObject(parked)

    const enough = new AbortController()
    let n = rounds
    const load = (async () => {
      for (; !enough.signal.aborted; n += 1) await Promise.all([write(n), delay(100)])
    })()
    const admin = { client: own.client, database, streams: [] }
    {
      await using first = start('mended', 'on')
      await first.heard(within, 'opened')
      expect(await redriveLetters(admin, await planLetters(admin, 'parking', {}), { by: 'ana', reason: null })).toMatchObject({
        left: null,
      })
      await killed(first, 1100)
    }
    for (const ms of [1050, 1200, 1100]) await killed(start('mended', 'on'), ms)
    enough.abort()
    await load
    await toEnd('mended')
    const all = n * keys
    const whole = { source: all, handled: all, parked: 0, held: 0, nowhere: 0, twice: 0, overtaken: 0 }
    const verdict = equation(uri)
    expect(verdict).toMatchObject(kind === 'project' ? { ...whole, repeated: 0 } : whole)
  },
)

test('the checker notices: without holding, those behind the poison overtake it', async () => {
  const uri = own.set.uriFor('overtaken')
  const db = own.client.db('overtaken')
  await db.collection<Numbered>('source').insertMany([0, 1, 2].map((n) => ({ _id: `7-${n}`, key: 7, n })))
  await db.collection<{ _id: number; done: number[] }>('target').insertOne({ _id: 7, done: [0, 2, 1] })
  expect(equation(uri)).toMatchObject({ handled: 3, nowhere: 0, overtaken: 1 })
  await db.collection<{ _id: number; done: number[] }>('target').updateOne({ _id: 7 }, { $set: { done: [0, 2] } })
  expect(equation(uri)).toMatchObject({ handled: 2, nowhere: 1, overtaken: 1 })
})
