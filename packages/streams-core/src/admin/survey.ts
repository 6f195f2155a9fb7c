import { decodeToken } from '../core/decodeToken.js'
import { type Position, compareTokens } from '../core/position.js'
import { type Viewpoint, look } from '../mongo/look.js'
import { ownPosition } from '../mongo/resumeToken.js'
import type { ChangeSample, Counted } from './types.js'

const atMost = 100_000
const timeMs = 2000

export interface Survey extends Counted {
  /** The first ones. */
  readonly samples: readonly ChangeSample[]
}

/**
 * How many changes the pipeline lets out after `lower` up to and including `upper`, and the first `samples` of them without their
 * content. Gives up after 2 s or 100,000 changes (`exact` is false then); `limit` is where a caller would stop itself.
 */
export async function survey(
  view: Viewpoint,
  lower: Position,
  upper: Position,
  { samples: wanted = 0, limit = Number.POSITIVE_INFINITY }: { readonly samples?: number; readonly limit?: number } = {},
): Promise<Survey> {
  const samples: ChangeSample[] = []
  let count = 0
  const result = (exact: boolean): Survey => ({ count, exact, samples })
  const bare = { ...view, pipeline: [...view.pipeline, { $project: { _id: 1, operationType: 1 } }] }
  await using looking = look(bare, lower, { timeMs, batchSize: 5000, awaitMs: 1 })
  for (;;) {
    const looked = await looking.next()
    if (looked === null) return result(false)
    for (const { _id, operationType } of looked.changes) {
      const position = ownPosition(_id)
      if (compareTokens(position.token, upper.token) > 0 || count === limit) return result(true)
      if (count === atMost) return result(false)
      count += 1
      if (samples.length < wanted) samples.push(sampleOf(position, operationType))
    }
    // An empty batch is the end of the oplog, which `upper` (a high-water mark of a moment ago) may lie just behind.
    if (looked.changes.length === 0 || looked.ended || compareTokens(looked.reached.token, upper.token) >= 0) return result(true)
  }
}

function sampleOf({ token, typeBits, clusterTime }: Position, operationType: unknown): ChangeSample {
  const { documentKey } = decodeToken(token, typeBits)
  return { token, clusterTime, operationType: String(operationType), documentKey }
}
