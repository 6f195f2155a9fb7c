import type { Change } from '../change.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { isOfOneChange, isOversize } from '../core/oversize.js'
import { type Position, compareTokens } from '../core/position.js'
import { isLastFragment, joinFragments } from '../core/splitEvent.js'
import type { ChangeReader, Delivered, Read } from '../ports.js'
import { StreamError } from '../streamError.js'

/** In batches; one by one; one by one without images; one by one in parts. */
export type ReadingMode = 'whole' | 'single' | 'bare' | 'split'

export interface OversizeReading {
  readonly stream: string
  /** Changes after a position, and up to and including the token `dropUpTo` none. */
  open(at: Position, mode: ReadingMode, dropUpTo: string | null): Promise<ChangeReader>
  /** Whether `split` can be opened. */
  splits(): Promise<boolean>
}

// As many as were in the batch that failed, at the most; then it was something else that made a change too large for a while.
const mostSingles = 1000

/**
 * Reads on through changes that are over 16 MB with their images (10334). The server gives nothing of the batch that such a one would be in: what is before
 * it comes one by one, then it comes alone, whole out of its parts where the server splits it, else without its images and with `oversize: true`.
 * Its position is that of the whole change: nobody ever goes on in the midst of its parts.
 */
export async function throughOversize(from: Position, { stream, open, splits }: OversizeReading): Promise<ChangeReader> {
  const dropUpTo = from.by === 'foreign' ? from.token : null
  /** Everything up to here was returned, or dropped. */
  let at = from
  let mode: ReadingMode = 'whole'
  let singles = 0
  let quiets = 0
  let nextIsLarge = false
  let passed: Position | null = null
  let reader: ChangeReader | null = null

  const isDropped = (token: string) => dropUpTo !== null && compareTokens(token, dropUpTo) <= 0

  /** Whether it is open; if not, one change is why. */
  async function opened(): Promise<boolean> {
    try {
      reader ??= await open(at, mode, dropUpTo)
      return true
    } catch (error) {
      await atOneChange(error)
      return false
    }
  }

  async function atOneChange(error: unknown): Promise<void> {
    // What is before one without its image can still be handled: in batches it would not come.
    if (!(mode === 'whole' ? isOfOneChange(error) : isOversize(error))) throw error
    const reached = reader?.reached ?? null
    // Opened by its time, reading begins before the position; a foreign one may be behind what is too large.
    if (reached !== null && (at.by === 'foreign' || compareTokens(reached.token, at.token) > 0)) at = reached
    if (mode === 'whole') await change('single')
    else nextIsLarge = true
  }

  async function change(to: ReadingMode): Promise<void> {
    mode = to
    singles = 0
    quiets = 0
    passed = reader?.reached ?? passed
    const former = reader
    reader = null
    await former?.[Symbol.asyncDispose]()
  }

  /** The change that is too large, by itself. */
  async function large(signal: AbortSignal): Promise<Read | null> {
    await change('whole')
    const read = await alone(signal)
    nextIsLarge = false
    if (read.kind !== 'changes') return read
    const bare = read.changes[0]!
    const whole = (await splits()) ? await joined(bare, signal) : null
    at = bare.position
    passed = at
    return isDropped(at.token) ? null : { kind: 'changes', changes: [whole ?? bare] }
  }

  async function alone(signal: AbortSignal): Promise<Read> {
    try {
      await using bare = await open(at, 'bare', null)
      for (;;) {
        const read = await bare.next(signal)
        if (read.kind !== 'quiet') return read
      }
    } catch (error) {
      if (!isOversize(error)) throw error
      throw new StreamError(
        'SERVER_REFUSED',
        `stream ${stream}: the change after ${at.token} is over 16 MB also without its images: the pipeline puts them elsewhere; let it $unset what the handler does not need`,
        { cause: error, details: { stream, token: at.token } },
      )
    }
  }

  /** Null when its parts do not make up the change: then it is delivered without its images. */
  async function joined({ change: bare, position }: Delivered, signal: AbortSignal): Promise<Delivered | null> {
    const parts: Change[] = []
    let bytes = 0
    try {
      await using reading = await open(at, 'split', null)
      for (;;) {
        const read = await reading.next(signal)
        if (read.kind === 'invalidated') return null
        if (read.kind === 'quiet') continue
        for (const part of read.changes) {
          // A part's token is the change's with the number of the part before its end (04).
          if (!part.position.token.startsWith(position.token.slice(0, -2))) return null
          parts.push(part.change)
          bytes += part.bytes
          if (!isLastFragment(part.change)) continue
          const whole = joinFragments(parts)
          return whole && { change: { ...whole, _id: bare._id } as Change, position, bytes }
        }
      }
    } catch (error) {
      if (isInfrastructure(error) || signal.aborted) throw error
      return null
    }
  }

  /** Once what made a change too large is behind, batches are as good as before. */
  async function note(read: Read): Promise<void> {
    if (read.kind === 'changes') {
      at = read.changes.at(-1)!.position
      singles += read.changes.length
    }
    quiets = read.kind === 'quiet' ? quiets + 1 : 0
    // A cursor's first answer is often empty, and says nothing of what comes next.
    if (mode === 'single' && (quiets > 1 || singles >= mostSingles)) await change('whole')
  }

  // In a batch, then one by one: at the second time it is known which change it is.
  if (!(await opened())) await opened()
  return {
    get reached() {
      return reader?.reached ?? passed
    },

    async next(signal): Promise<Read> {
      for (;;) {
        signal.throwIfAborted()
        if (nextIsLarge) {
          const read = await large(signal)
          if (read !== null) return read
        }
        if (!(await opened())) continue
        try {
          const read = await reader!.next(signal)
          await note(read)
          return read
        } catch (error) {
          await atOneChange(error)
        }
      }
    },

    async [Symbol.asyncDispose]() {
      await reader?.[Symbol.asyncDispose]()
    },
  }
}
