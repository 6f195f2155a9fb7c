import type { Stage } from './stage.js'
import type { ListedStream } from './streams.js'

/**
 * Resolves, with what the command lists, when no stream has anything left to do. Each looked caught up twice and committed
 * nothing in between: so none was fed by another one after it had been looked at.
 */
export async function whenCaughtUp({ streams, signal }: Stage, withinMs = 30_000): Promise<readonly ListedStream[]> {
  const deadline = performance.now() + withinMs
  let before: readonly ListedStream[] = []
  for (;;) {
    signal.throwIfAborted()
    const now = await streams.list()
    const still = now.every(
      ({ name, lagMs, rev }) => lagMs === 0 && before.some((one) => one.name === name && one.lagMs === 0 && one.rev === rev),
    )
    if (still && now.length > 0) return now
    if (performance.now() > deadline) {
      const behind = now
        .filter(({ lagMs }) => lagMs !== 0)
        .map(({ name, state, lagMs }) => `${name} (${state}, ${lagMs ?? '?'} ms behind)`)
      throw new Error(`the streams did not catch up within ${withinMs / 1000} s: ${behind.join(', ') || 'they keep moving'}`)
    }
    before = now
  }
}
