// A reset against a worker that saves all the time, is told to stop, or has lost its lease without knowing: BOLETIA_RACES=1000 for a long run.
// What must be met in a race is raced for until it is: how often that takes is chance, and a busy machine's affair.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type ResetPlan, applyReset, history, planReset } from '../../src/admin/index.js'
import { type RunHandle, isStreamError, runStream } from '../../src/index.js'
import { toPositionDocument } from '../../src/mongo/positionDocument.js'
import { type Setting, operator, setting } from './setting.js'

const races = Number(process.env['BOLETIA_RACES'] ?? 40)

interface Figures {
  done: number
  refused: Record<string, number>
  /** Resets that said "done", and the next start began elsewhere. */
  overwritten: number
  /** Resets that said "done" without a row in the history, and rows of resets that were refused. */
  untold: number
}

type Apply = (at: Setting, plan: ResetPlan, reason: string) => Promise<void>

const real: Apply = async (at, plan, reason) => void (await applyReset(at.options, plan, { ...operator, reason }))

/** On condition of the revision, in one write with no owner: what is obvious, and wrong. */
const naive: Apply = async (at, { rev, to }, reason) => {
  const position = toPositionDocument(to)
  const done = await at.place.db.collection('stream').updateOne({ _id: 'copies' as never, rev }, { $set: position })
  if (done.modifiedCount === 0) throw new Error('moved')
  await at.place.db
    .collection('stream.history')
    .insertOne({ stream: 'copies', action: 'reset', by: 'naive', reason, rev, at: new Date() })
}

async function race(apply: Apply, isEnough: (figures: Figures) => boolean): Promise<Figures> {
  await using at = await setting()
  const leases = at.place.db.collection('stream.leases')
  const figures: Figures = { done: 0, refused: {}, overwritten: 0, untold: 0 }
  const recorded = new Set<string>()
  let from: string | null = null
  let running: RunHandle
  const start = async () => {
    from = null
    running = runStream(at.stream, { client: at.place.client, observer: { opened: (event) => (from ??= event.from.token) } })
    running.done.catch(() => undefined)
    await expect.poll(() => from, { interval: 2 }).not.toBeNull()
  }
  await start()
  let last = 0
  const insertMore = async () => await at.insert(++last)
  /** The worker has saved once more, or has ended. */
  const afterOneMore = async () => {
    let ended = false
    const end = running.done.catch(() => undefined).then(() => (ended = true))
    const before = last
    await insertMore()
    await expect.poll(() => ended || at.handed.includes(before + 1), { interval: 2 }).toBe(true)
    await running.stop('restart')
    await end
  }

  const writing = new AbortController()
  const customers = (async () => {
    while (!writing.signal.aborted) {
      await insertMore()
      await delay(Math.random() * 30)
    }
  })()
  try {
    for (let number = 0; number < races || (number < 25 * races && !isEnough(figures)); number++) {
      await expect.poll(() => at.tokens.size, { interval: 2 }).toBeGreaterThan(1)
      const token = [...at.tokens.values()].at(-1 - Math.floor(Math.random() * Math.min(5, at.tokens.size)))!
      const plan = await planReset(at.options, 'copies', { kind: 'token', token })
      const what = ['saves', 'stops', 'lost its lease'][number % 3]!
      if (what === 'stops') void running!.stop('race').catch(() => undefined)
      if (what === 'lost its lease') await leases.updateOne({}, { $set: { until: new Date(0) } })
      await delay(Math.random() * 8)
      const { rev } = await at.state()
      try {
        await apply(at, { ...plan, rev }, `race ${number}`)
        figures.done += 1
        recorded.add(`race ${number}`)
        await afterOneMore()
        await start()
        if (from !== plan.to.token) figures.overwritten += 1
      } catch (error) {
        const code = isStreamError(error) ? error.code : (error as Error).message
        figures.refused[code] = (figures.refused[code] ?? 0) + 1
        if (what === 'saves') continue
        await afterOneMore()
        await start()
      }
    }
  } finally {
    writing.abort()
    await customers
    await running!.stop('done').catch(() => undefined)
  }
  const rows = new Set(
    (await history(at.options, 'copies', { limit: 100_000 }))
      .filter(({ action }) => action === 'reset')
      .map(({ reason }) => reason!),
  )
  figures.untold = [...rows].filter((row) => !recorded.has(row)).length + [...recorded].filter((row) => !rows.has(row)).length
  if (process.env['BOLETIA_RACES'] !== undefined) console.log(`${races} races: ${JSON.stringify(figures)}`)
  return figures
}

test('a reset that races a live worker is done and stays, or is refused and has changed nothing; there is no third', async () => {
  // Both must have been met, or nothing was raced.
  const isEnough = ({ done, refused }: Figures) => done > 0 && (refused['LEASE_HELD'] ?? 0) > 0
  const figures = await race(real, isEnough)
  expect(isEnough(figures)).toBe(true)
  expect(figures).toMatchObject({ overwritten: 0, untold: 0 })
  expect(Object.keys(figures.refused).filter((code) => code !== 'LEASE_HELD' && code !== 'POSITION_MOVED')).toEqual([])
}, 3_600_000)

test('the naive reset, a write on condition of the revision that raises no epoch, says done and is overwritten', async () => {
  const isEnough = ({ done, overwritten }: Figures) => done > races / 4 && overwritten > races / 16
  expect(isEnough(await race(naive, isEnough))).toBe(true)
}, 3_600_000)
