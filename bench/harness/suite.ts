import type { ReplicaSet, ReplicaSetOptions } from '@boletia/streams-core/testing'
import type { MongoClient } from 'mongodb'
import type { Redis } from './redis.js'
import type { Figures, Sizes } from './types.js'

/** What a contender runs against. */
export interface Ground {
  readonly set: ReplicaSet
  readonly client: MongoClient
  readonly sizes: Sizes
  /** Null where there is no redis-server. */
  readonly redis: Redis | null
  /** A database name that no run before had. */
  database(): string
}

export interface Contender {
  readonly name: string
  /** @throws NotRun when it cannot be had here */
  run(ground: Ground): Promise<Figures>
}

export interface Suite {
  readonly name: string
  readonly full: Sizes
  /** Sizes for `--quick`: shows that everything works, measures nothing. */
  readonly quick: Sizes
  /** At most so many repetitions, for what is long and varies little. */
  readonly atMost?: number
  readonly server?: ReplicaSetOptions
  contenders(sizes: Sizes): readonly Contender[]
}
