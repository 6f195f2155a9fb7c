import type { AnyBulkWriteOperation, BulkWriteResult, ClientSession, Collection } from 'mongodb'
import { MongoBulkWriteError } from 'mongodb'
import { isInfrastructure } from '../core/infrastructure.js'
import { FailedWrite } from '../failedWrite.js'
import { type Passing, unobserved } from '../core/crashPoints.js'
import { modelOf } from '../core/writeModel.js'
import { sumOf } from '../core/written.js'
import type { TargetStore, Written } from '../ports.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import type { Write } from '../write.js'
import { ensureCollection } from './ensureCollection.js'
import { type ResolvedPlaces, durableCollection } from './places.js'

/** The targets of one stream as collections. */
export function mongoTargetStore(
  stream: Pick<Stream, 'name' | 'targets'>,
  places: ResolvedPlaces,
  passing: Passing = unobserved,
): TargetStore {
  const targets = new Map(
    Object.entries(stream.targets).map(([alias, { connection, database, collection, indexes }]) => {
      const client = places.client(connection)
      return [
        alias,
        { client, indexes, collection: durableCollection(client, places.database(connection, database), collection) },
      ] as const
    }),
  )

  function collection(alias: string): Collection {
    const target = targets.get(alias)
    if (target !== undefined) return target.collection
    const names = [...targets.keys()].join(', ') || 'none'
    throw new StreamError(
      'INVALID_STREAM',
      `stream ${stream.name}: no target is called ${alias} (defined: ${names}); add it to targets`,
    )
  }

  return {
    collection,
    besideCheckpoint: [...targets.values()].every(({ client }) => client === places.state.client),

    async ensure() {
      for (const {
        client,
        collection: { dbName, collectionName },
        indexes,
      } of targets.values()) {
        const db = client.db(dbName)
        await ensureCollection(db, collectionName)
        if (indexes.length > 0) await db.collection(collectionName).createIndexes([...indexes])
      }
    },

    async apply(writes, session) {
      const done: Written[] = []
      for (const [alias, { models, places, commands }] of groupByTarget(writes)) {
        const result = await collection(alias)
          .bulkWrite(models, options(session))
          .catch((error: unknown) => {
            throw named(error, places)
          })
        passing('effects.partWritten')
        done.push(writtenBy(result, commands))
      }
      return sumOf(done)
    },
  }
}

/** In a transaction the write concern is the transaction's: giving one is an error there. */
const options = (session: ClientSession | undefined) =>
  session === undefined ? { ordered: true, ignoreUndefined: false } : { ordered: true, ignoreUndefined: false, session }

/** Which write it was that the server refused; by its place, because a projection may return one write for many changes. */
function named(error: unknown, places: readonly number[]): unknown {
  if (!(error instanceof MongoBulkWriteError) || isInfrastructure(error)) return error
  const place = places[[error.writeErrors].flat()[0]?.index ?? -1]
  return place === undefined ? error : new FailedWrite(place, error)
}

interface Group {
  readonly models: AnyBulkWriteOperation[]
  /** Of each model, its place among all the writes. */
  readonly places: number[]
  /** The driver sends neighbours of one kind together. */
  commands: number
}

type Kind = 'insert' | 'update' | 'delete'

const kindOf = (model: AnyBulkWriteOperation): Kind =>
  'insertOne' in model ? 'insert' : 'deleteOne' in model ? 'delete' : 'update'

const writtenBy = (result: BulkWriteResult, commands: number): Written => ({
  commands,
  matched: result.matchedCount,
  modified: result.modifiedCount,
  inserted: result.insertedCount,
  upserted: result.upsertedCount,
  deleted: result.deletedCount,
})

function groupByTarget(writes: readonly Write[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const [place, write] of writes.entries()) {
    let group = groups.get(write.target)
    if (group === undefined) groups.set(write.target, (group = { models: [], places: [], commands: 0 }))
    const model = modelOf(write)
    const last = group.models.at(-1)
    if (last === undefined || kindOf(last) !== kindOf(model)) group.commands += 1
    group.models.push(model)
    group.places.push(place)
  }
  return groups
}
