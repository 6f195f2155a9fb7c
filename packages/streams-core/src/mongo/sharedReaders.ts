import type { MongoClient } from 'mongodb'
import type { Position } from '../core/position.js'
import type { ChangeReader } from '../ports.js'
import { type Images, imageOptions } from './imageOptions.js'
import { SharedCursor } from './sharedCursor.js'
import type { WatchedNamespace } from './watchedNamespace.js'

/** Streams that watch the same with the same options, and the cursors that they share: mostly one, more while some of them catch up. */
export class SharedGroup {
  readonly #cursors = new Set<SharedCursor>()
  #streams = 0

  /** Counts a stream, until what is returned is called. */
  enter(): () => void {
    this.#streams += 1
    return () => void (this.#streams -= 1)
  }

  /** For one stream alone the server's own filter is better than a cursor without a pipeline. */
  get worthwhile(): boolean {
    return this.#streams > 1
  }

  /** The cursor that is furthest ahead of those at which nothing after this position is missed; null: none. */
  covering(position: Position): SharedCursor | null {
    let best: SharedCursor | null = null
    for (const cursor of this.#cursors) if (cursor.covers(position) && (best === null || cursor.isAheadOf(best))) best = cursor
    return best
  }

  open(from: Position, open: () => Promise<ChangeReader>): SharedCursor {
    const cursor: SharedCursor = new SharedCursor(from, open, () => void this.#cursors.delete(cursor))
    this.#cursors.add(cursor)
    return cursor
  }
}

/** Lets the streams to which it is given read from cursors in common; see `sharedReaders`. */
export class SharedReaders {
  readonly #groups = new WeakMap<MongoClient, Map<string, SharedGroup>>()

  /** @internal */
  group({ client, database, collection }: WatchedNamespace, images: Images): SharedGroup {
    const groups = this.#groups.get(client) ?? new Map<string, SharedGroup>()
    this.#groups.set(client, groups)
    const key = JSON.stringify([database, collection, imageOptions(images)])
    const group = groups.get(key) ?? new SharedGroup()
    groups.set(key, group)
    return group
  }
}

/**
 * For streams of one process that watch the same: given as `readers` to each `runStream`, they read from one cursor. Each keeps its position,
 * lease, pipeline and speed; one whose pipeline only the server can evaluate, or that is too slow, has a cursor of its own. The changes that
 * they get are the same objects: a handler must not alter them.
 */
export function sharedReaders(): SharedReaders {
  return new SharedReaders()
}
