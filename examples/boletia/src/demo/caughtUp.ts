import type { Db } from 'mongodb'
import { savedStream } from './checkpoint.js'
import type { Stage } from './stage.js'
import type { ListedStream } from './streams.js'

interface Done {
  readonly name: string
  readonly lagMs: number | null
  readonly highest: string | null
}

/**
 * Resolves, with what the command lists, when no stream has anything left to do. Each looked caught up twice and did
 * nothing in between: so none was fed by another one after it had been looked at. (A quiet stream commits too, now and then.)
 */
export async function whenCaughtUp({ streams, db, signal }: Stage, withinMs = 60_000): Promise<readonly ListedStream[]> {
  const deadline = performance.now() + withinMs
  let before: readonly Done[] = []
  for (;;) {
    signal.throwIfAborted()
    const now = await streams.list()
    const done = await Promise.all(now.map(async ({ name, lagMs }) => ({ name, lagMs, highest: await highestOf(db, name) })))
    const still = done.every(
      ({ name, lagMs, highest }) =>
        lagMs === 0 && before.some((one) => one.name === name && one.lagMs === 0 && one.highest === highest),
    )
    if (still && now.length > 0) return now
    if (performance.now() > deadline) {
      const behind = now
        .filter(({ lagMs }) => lagMs !== 0)
        .map(({ name, state, lagMs }) => `${name} (${state}, ${lagMs ?? '?'} ms behind)`)
      throw new Error(`the streams did not catch up within ${withinMs / 1000} s: ${behind.join(', ') || 'they keep moving'}`)
    }
    before = done
  }
}

const highestOf = async (db: Db, name: string) => (await savedStream(db, name))?.highest ?? null
