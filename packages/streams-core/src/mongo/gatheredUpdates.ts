import { setImmediate as turn } from 'node:timers/promises'
import type { Collection, Document, Filter, MongoClient, UpdateFilter } from 'mongodb'

// One locked document would hold up all that are in the same command: then each goes alone.
const togetherMs = 500

interface Asked<D extends Document> {
  readonly filter: Filter<D>
  readonly update: UpdateFilter<D> | Document[]
  resolve(matched: boolean): void
  reject(error: unknown): void
}

/**
 * Updates of single documents that the streams of one process ask for at the same time, as one command: 64 streams would otherwise wait for 64
 * majority writes several times a second. To be used for updates that may be repeated: a bulk gives sums, and when they do not add up each goes alone.
 */
export class GatheredUpdates<D extends Document> {
  readonly #collection: Collection<D>
  #asked: Asked<D>[] = []

  constructor(collection: Collection<D>) {
    this.#collection = collection
  }

  /** Whether the filter matched; rejects with the driver's error, after which it may have been done all the same. */
  matches(filter: Filter<D>, update: UpdateFilter<D> | Document[]): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ filter, update, resolve, reject })
      if (this.#asked.length === 1) void turn().then(() => this.#send(this.#asked.splice(0)))
    })
  }

  async #send(all: readonly Asked<D>[]): Promise<void> {
    if (all.length > 1 && (await this.#together(all))) {
      for (const { resolve } of all) resolve(true)
      return
    }
    for (const { filter, update, resolve, reject } of all)
      this.#collection.updateOne(filter, update).then(({ matchedCount }) => resolve(matchedCount === 1), reject)
  }

  /** True when every one of them matched. */
  async #together(all: readonly Asked<D>[]): Promise<boolean> {
    const models = all.map(({ filter, update }) => ({ updateOne: { filter, update } }))
    try {
      const { matchedCount } = await this.#collection.bulkWrite(models, { ordered: false, maxTimeMS: togetherMs })
      return matchedCount === all.length
    } catch {
      return false
    }
  }
}

const known = new WeakMap<MongoClient, Map<string, unknown>>()

/** The one of this client for a collection: what different streams ask for meets there. */
export function gatheredUpdates<D extends Document>(client: MongoClient, collection: Collection<D>): GatheredUpdates<D> {
  let ofClient = known.get(client)
  if (ofClient === undefined) known.set(client, (ofClient = new Map()))
  const found = ofClient.get(collection.namespace) as GatheredUpdates<D> | undefined
  const gathered = found ?? new GatheredUpdates(collection)
  ofClient.set(collection.namespace, gathered)
  return gathered
}
