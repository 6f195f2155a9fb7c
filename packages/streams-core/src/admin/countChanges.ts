import { type Position, compareTokens } from '../core/position.js'
import { type Viewpoint, look } from '../mongo/look.js'
import type { Counted } from './types.js'

const atMost = 100_000
const timeMs = 2000

/** How many changes the pipeline lets out after `lower` up to and including `upper`; gives up after 2 s or 100,000. */
export async function countChanges(view: Viewpoint, lower: Position, upper: Position): Promise<Counted> {
  let count = 0
  // Only their tokens are needed.
  const bare = { ...view, pipeline: [...view.pipeline, { $project: { _id: 1 } }] }
  await using looking = look(bare, lower, { timeMs, batchSize: 5000, awaitMs: 1 })
  for (;;) {
    const looked = await looking.next()
    if (looked === null) return { count, exact: false }
    for (const { _id } of looked.changes) {
      if (compareTokens((_id as { _data: string })._data, upper.token) > 0) return { count, exact: true }
      if (count === atMost) return { count, exact: false }
      count += 1
    }
    // An empty batch is the end of the oplog, which `upper` (a high-water mark of a moment ago) may lie just behind.
    if (looked.changes.length === 0 || looked.ended || compareTokens(looked.reached.token, upper.token) >= 0)
      return { count, exact: true }
  }
}
