import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bench, bench, recorder, start } from './bench.js'
import { type Event, live, lives } from './lives.js'

const runs = { numRuns: 300 }
const timeout = 60_000

/** The events of each run. */
function runsOf(events: readonly Event[]): Event[][] {
  const all: Event[][] = []
  for (const event of events) {
    if (event.kind === 'run') all.push([])
    else all.at(-1)!.push(event)
  }
  return all
}

const isSame = (one: string | null, other: string | null) => one === other || one === null || other === null

test(
  'rule 24: whatever fails, stops or crashes, no change begins while an earlier one of its key is unsettled',
  { timeout },
  async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const settledEver = new Set<number>()
        for (const run of runsOf(await live(life))) {
          const open = new Set<number>()
          for (const event of run) {
            if (event.kind === 'settled') {
              open.delete(event.id)
              settledEver.add(event.id)
            }
            if (event.kind !== 'begun') continue
            // Unsettled: at work now, or never settled by any run.
            for (const id of life.keys.keys())
              if (id < event.id && isSame(life.keys[id]!, life.keys[event.id]!))
                expect(settledEver.has(id) && !open.has(id)).toBe(true)
            for (const id of open) expect(isSame(life.keys[id]!, life.keys[event.id]!)).toBe(false)
            open.add(event.id)
            expect(open.size).toBeLessThanOrEqual(life.concurrency)
          }
        }
      }),
      runs,
    )
  },
)

test(
  'as long as no run crashes and no handler fails, no change is handed out twice, however often a run is stopped or its reads and saves are broken off',
  { timeout },
  async () => {
    const calmly = lives.map((life) => ({ ...life, legs: life.legs.map((leg) => ({ ...leg, crash: null, fails: null })) }))
    await fc.assert(
      fc.asyncProperty(calmly, async (life) => {
        const begun = (await live(life)).flatMap((event) => (event.kind === 'begun' ? [event.id] : []))
        expect(begun.sort((a, b) => a - b)).toEqual([...life.keys.keys()])
      }),
      runs,
    )
  },
)

test(
  'as long as no run crashes and no handler fails for good, no change is settled twice, though attempts fail and runs are stopped while changes wait for the next one',
  { timeout },
  async () => {
    const stumbling = fc
      .tuple(lives, fc.array(fc.array(fc.nat(29), { maxLength: 6 }), { minLength: 4, maxLength: 4 }))
      .map(([life, stumbles]) => ({
        ...life,
        legs: life.legs.map((leg, index) => ({ ...leg, crash: null, fails: null, stumbles: stumbles[index]! })),
      }))
    await fc.assert(
      fc.asyncProperty(stumbling, async (life) => {
        const settled = (await live(life)).flatMap((event) => (event.kind === 'settled' ? [event.id] : []))
        expect(settled.sort((a, b) => a - b)).toEqual([...life.keys.keys()])
      }),
      runs,
    )
  },
)

/** Changes at or below a saved position that nobody had settled by then: a crash would have lost them. */
function aheadOf(events: readonly Event[]): number[] {
  const settled = new Set<number>()
  const ahead: number[] = []
  for (const event of events) {
    if (event.kind === 'settled') settled.add(event.id)
    if (event.kind === 'saved') for (let id = 0; id <= event.upTo; id += 1) if (!settled.has(id)) ahead.push(id)
  }
  return ahead
}

test(
  'rule 24: a saved checkpoint is never ahead of an unsettled change, and after the last run everything is settled',
  { timeout },
  async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const events = await live(life)
        expect(aheadOf(events)).toEqual([])
        const settled = new Set(events.flatMap((event) => (event.kind === 'settled' ? [event.id] : [])))
        expect([...settled].sort((a, b) => a - b)).toEqual([...life.keys.keys()])
        expect(events.filter(({ kind }) => kind === 'saved').at(-1)).toMatchObject({ upTo: life.keys.length - 1 })
      }),
      runs,
    )
  },
)

test('rule 24: in one run each change is handed over once, whatever reading and saving do meanwhile', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      for (const run of runsOf(await live(life))) {
        const begun = run.flatMap((event) => (event.kind === 'begun' ? [event.id] : []))
        expect(new Set(begun).size).toBe(begun.length)
      }
    }),
    runs,
  )
})

test(
  'rule 24: once a run is asked to stop it begins only what lies before the last change it began, and everything up to that one settles and is saved',
  { timeout },
  async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        for (const run of runsOf(await live({ ...life, legs: life.legs.map((leg) => ({ ...leg, crash: null, fails: null })) }))) {
          const ids = (kind: Event['kind'], from: number) =>
            run.slice(from).flatMap((event) => ('id' in event && event.kind === kind ? [event.id] : []))
          const asked = run.findIndex(({ kind }) => kind === 'asked to stop')
          if (asked === -1) continue
          const begun = ids('begun', 0)
          const last = Math.max(...run.slice(0, asked).flatMap((event) => (event.kind === 'begun' ? [event.id] : [])))
          for (const id of ids('begun', asked)) expect(id).toBeLessThan(last)
          expect(begun.sort((a, b) => a - b)).toEqual(Array.from(begun, (_, nth) => last - begun.length + 1 + nth))
          expect(ids('settled', 0).sort((a, b) => a - b)).toEqual(begun)
          expect(run.flatMap((event) => (event.kind === 'saved' ? [event.upTo] : [])).at(-1)).toBe(last)
        }
      }),
      runs,
    )
  },
)

/** The plain way: keys side by side, and whatever settles saves its position, unless a later one is saved. Crashes when `slow` would settle. */
async function naive({ source, state }: Bench, slow: unknown, handle: (id: unknown) => void): Promise<void> {
  let claim = { name: 's', epoch: (await state.store.load('s'))!.epoch, rev: (await state.store.load('s'))!.rev }
  let saved = (await state.store.load('s'))!.position!
  await using reader = await source.open(saved)
  const { signal } = new AbortController()
  for (let read = await reader.next(signal); read.kind === 'changes'; read = await reader.next(signal)) {
    for (const { change, position } of read.changes) {
      const id = change.documentKey!._id
      if (id === slow) continue
      handle(id)
      if (position.token < saved.token) continue
      saved = position
      const outcome = await state.store.commit(claim, { position, settled: true, uuid: null })
      if (outcome.kind === 'committed') claim = outcome.claim
    }
  }
}

test('rule 24: saving the last settled change instead of the watermark loses 1 of 4 in a crash, the slow one; the watermark loses none', async () => {
  const lost = async (isNaive: boolean) => {
    const at = bench()
    await start(at, { handle: () => undefined })
    for (const _id of ['slow', 'b', 'c', 'd']) at.source.insert({ _id })
    const seen = new Set<unknown>()
    if (isNaive) await naive(at, 'slow', (id) => seen.add(id))
    else {
      const handle = async (change: { documentKey?: { _id: unknown } }) => {
        if (change.documentKey?._id === 'slow') await new Promise<never>(() => undefined)
        seen.add(change.documentKey?._id)
      }
      void start(at, { handle }, {})
      await expect.poll(() => seen.size).toBe(3)
    }
    expect([...seen]).toEqual(['b', 'c', 'd'])
    const { ids, handle } = recorder()
    await start({ ...at, stop: new AbortController() }, { handle }, { until: 'caught-up' }, { takeOver: true })
    for (const id of ids()) seen.add(id)
    return 4 - seen.size
  }
  expect(await lost(true)).toBe(1)
  expect(await lost(false)).toBe(0)
})
