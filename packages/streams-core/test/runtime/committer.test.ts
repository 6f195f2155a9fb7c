import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { committer } from '../../src/runtime/committer.js'
import { Progress, noCounts } from '../../src/runtime/progress.js'
import { RefusedCommit } from '../../src/core/refusedCommit.js'
import type { CheckpointStore, Delivered } from '../../src/ports.js'
import { silentLog } from '../../src/silentLog.js'
import { bench, start } from './bench.js'

const handled = { ...noCounts, handled: 1 }
const overloaded = Object.assign(new Error('the operation was rejected'), { code: 8000 })
const lost = () => Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })

/** A committer of a run that was asked to stop, so that it gives up after a few tries, with answers that can be lost. */
async function stopping() {
  const at = bench()
  await start(at, { project: () => [] })
  const saved = (await at.state.store.load('s'))!
  const progress = new Progress({ ...saved, position: saved.position! }, null)
  let losing = { answers: 0, landed: true }
  let late = 0
  let refusing: { readonly landed: boolean } | null = null
  async function through<T>(ask: () => Promise<T>): Promise<T> {
    if (losing.answers === 0) return await ask()
    losing.answers -= 1
    if (losing.landed) await ask()
    throw lost()
  }
  const store: CheckpointStore = {
    ...at.state.store,
    commit: (...args) => through(() => at.state.store.commit(...args)),
    async commitWith(...args) {
      if (refusing === null) return await through(() => at.state.store.commitWith(...args))
      const { landed } = refusing
      refusing = null
      if (landed) await at.state.store.commitWith(...args)
      else await args[2](undefined)
      throw new RefusedCommit(overloaded)
    },
    async settleUnknown(...args) {
      if (late > 0 && losing.answers === 0) {
        late -= 1
        throw Object.assign(new Error('operation exceeded time limit'), { code: 50 })
      }
      return await through(() => at.state.store.settleUnknown(...args))
    },
  }
  at.stop.abort(new Error('enough'))
  const committing = committer(
    {
      stream: { name: 's' } as never,
      store,
      passing: () => undefined,
      observer: {},
      clock: { ...at.clock, sleep: async () => await turn() },
      random: () => 0,
      tracer: null,
      log: silentLog,
      signal: at.stop.signal,
    },
    progress,
  )
  let inserted = 0
  const next = () => progress.settling({ position: at.source.insert({ _id: (inserted += 1) }) } as Delivered)
  return {
    committing,
    progress,
    next,
    position: async () => (await at.state.store.load('s'))?.position?.token,
    /** What became of so many requests from here on nobody hears. */
    loses(answers: number, landed: boolean) {
      losing = { answers, landed }
    },
    /** So many times from here on a majority does not have in time what would make a commit certain. */
    isLate: (times: number) => void (late = times),
    /** The next commit is refused, after it had landed or not. */
    refuses: (landed: boolean) => void (refusing = { landed }),
    /** Gives up, and leaves behind that nobody knows what became of it. */
    async givesUp(commit: () => Promise<unknown>, landed: boolean) {
      losing = { answers: Infinity, landed }
      await expect(commit()).rejects.toMatchObject({ code: 'UNREACHABLE', cause: { name: 'MongoNetworkError' } })
      expect(progress.unresolved).not.toBeNull()
      losing = { answers: 0, landed }
    },
  }
}

type Setting = Awaited<ReturnType<typeof stopping>>
const nothing = async () => undefined
const left: Readonly<Record<string, (at: Setting) => Promise<unknown>>> = {
  beside: ({ committing }) => committing.beside(nothing),
  together: ({ committing, next }) => committing.together(next(), handled, nothing, false),
  save: ({ committing, next }) => committing.save(next(), handled),
}
const cases = Object.keys(left).flatMap((what) => [true, false].map((landed) => ({ what, landed })))

test.each(cases)(
  'rule 11: behind a $what whose answer was lost (landed: $landed), together does its own effects and moves to its own position',
  async ({ what, landed }) => {
    const at = await stopping()
    await at.givesUp(() => left[what]!(at), landed)
    const advance = at.next()
    let effects = 0
    expect(await at.committing.together(advance, handled, async () => void (effects += 1), false)).toBe(true)
    expect(effects).toBe(1)
    expect(at.progress.position.token).toBe(advance.position.token)
    expect(await at.position()).toBe(advance.position.token)
  },
)

test.each(cases)(
  'rule 11: behind a $what whose answer was lost (landed: $landed), a save moves to its own position, and each counts once',
  async ({ what, landed }) => {
    const at = await stopping()
    await at.givesUp(() => left[what]!(at), landed)
    const advance = at.next()
    await at.committing.save(advance, handled)
    expect(at.progress.position.token).toBe(advance.position.token)
    expect(await at.position()).toBe(advance.position.token)
    // A plain save that did not arrive is repeated: its changes are done.
    const before = what === 'save' || (what === 'together' && landed) ? 1 : 0
    expect(at.progress.handled).toBe(before + 1)
  },
)

test.each([1, 2, 3])(
  'rule 11: a commit that landed is recognised as its own when %i answers are lost, and is not done again',
  async (answers) => {
    const at = await stopping()
    const first = at.next()
    let effects = 0
    at.loses(answers, true)
    expect(await at.committing.together(first, handled, async () => void (effects += 1), false)).toBe(true)
    expect(effects).toBe(1)
    expect(await at.position()).toBe(first.position.token)
    const second = at.next()
    at.loses(answers, true)
    await at.committing.save(second, handled)
    expect(await at.position()).toBe(second.position.token)
    expect(at.progress.handled).toBe(2)
  },
)

test.each([true, false])(
  'rule 11: while a majority is too late to make a commit certain (landed: %s), its effects are not begun again, and the error is not theirs',
  async (landed) => {
    const at = await stopping()
    const advance = at.next()
    let effects = 0
    at.loses(1, landed)
    at.isLate(3)
    const inTransaction = async () => void (effects += 1)
    expect(await at.committing.together(advance, handled, inTransaction, true)).toBe(true)
    expect(effects).toBe(1)
    expect(at.progress.handled).toBe(1)
    expect(await at.position()).toBe(advance.position.token)

    at.loses(1, landed)
    at.isLate(3)
    await at.committing.beside(nothing)
    expect(at.progress.unresolved).toBeNull()
  },
)

test.each([true, false])(
  'rule 12: a commit that is refused may have landed (%s): that is found out before anything is written again or blamed',
  async (landed) => {
    const at = await stopping()
    const advance = at.next()
    let effects = 0
    at.refuses(landed)
    const committed = at.committing.together(advance, handled, async () => void (effects += 1), true)
    if (landed) expect(await committed).toBe(true)
    else await expect(committed).rejects.toBe(overloaded)
    expect(effects).toBe(1)
    expect(at.progress.unresolved).toBeNull()
    expect(at.progress.handled).toBe(landed ? 1 : 0)
    // Its own claim is still the one that counts.
    await at.committing.save(at.next(), handled)

    // At an unmoved position nobody can tell: it says that it was refused, and its effects are safe to repeat.
    at.refuses(landed)
    await expect(at.committing.beside(nothing)).rejects.toBe(overloaded)
    await at.committing.beside(nothing)
  },
)
