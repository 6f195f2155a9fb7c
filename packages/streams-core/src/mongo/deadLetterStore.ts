import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { BSON, Binary, type Collection, type Document } from 'mongodb'
import type { Change } from '../change.js'
import { errorNumber } from '../core/errorClass.js'
import type { DeadLetterStore, NewLetter } from '../ports.js'
import { StreamError } from '../streamError.js'
import { ensureCollection } from './ensureCollection.js'
import { type ResolvedPlaces, durableCollection } from './places.js'
import { type PositionDocument, fromPositionDocument, toPositionDocument } from './positionDocument.js'
import { SilentServerError } from './watchdog.js'

const majorityPauseMs = 20
const majorityLooks = 50

/** What is said of a parked or held change in the same way to the server and to people. */
export interface LetterFacts {
  readonly stream: string
  readonly key: string
  readonly state: 'parked' | 'held'
  readonly operationType: string
  readonly attempts: number
  readonly parkedAt: Date
}

export interface LetterError {
  readonly name: string
  readonly code: string | null
  readonly class: string
}

/** Who wants a letter put back, with all of its key. */
export interface RedriveMark {
  readonly by: string
  readonly reason: string | null
  readonly at: Date
}

/** A parked or held change as it lies in `<state collection>.deadLetters`. */
export interface LetterDocument extends PositionDocument, LetterFacts {
  /** The same for the same change: adding it again changes nothing. */
  readonly _id: string
  readonly v: number
  readonly documentId: unknown
  readonly error: (LetterError & { readonly message?: string }) | null
  /** What became of each time that it was put back. */
  readonly failures: readonly Document[]
  readonly expiresAt?: Date
  readonly redrive?: RedriveMark
  /** The change in BSON: its own field names may be none that a document can hold inside another. */
  readonly payload?: { readonly kind: 'redacted' | 'full'; readonly change: Binary }
}

/** What an operator sees at first. */
export interface LetterSummary {
  readonly parked: number
  readonly held: number
  readonly oldest: Date | null
}

export interface MongoDeadLetterStore extends DeadLetterStore {
  summary(stream: string): Promise<LetterSummary>
}

// CannotCreateIndex (capped), IndexOptionsConflict, IndexKeySpecsConflict, CommandNotSupportedOnView.
const unfit = new Set([67, 85, 86, 166])

/** Somebody else created it: as a capped collection, a view, or with other indexes. */
function unusable(cause: unknown, stream: string, namespace: string): StreamError<'PARK_FAILED'> {
  return new StreamError(
    'PARK_FAILED',
    `stream ${stream}: ${namespace} cannot hold dead letters (the cause has the server's words): it must be an ordinary collection, not capped, no view, its indexes as they are made here; ` +
      'see boletia-streams doctor, or rename it and start again: a new one is created',
    { cause, details: { stream } },
  )
}

/** Changes that were put aside, beside the checkpoints. */
export function mongoDeadLetterStore({ client, database, collection }: ResolvedPlaces['state']): MongoDeadLetterStore {
  const name = `${collection}.deadLetters`
  const letters = durableCollection<LetterDocument>(client, database, name)
  const newest = client
    .db(database)
    .collection<LetterDocument>(name, { readConcern: { level: 'local' }, readPreference: 'primary', ignoreUndefined: false })

  /**
   * What lies there now. A majority read alone may be older than a letter which a majority has acknowledged: a new primary learns only after a
   * moment how far a majority is. A key whose letter it does not show would be let go, and its next change handled before the parked one; a
   * letter that was removed would be handed over once more. What the primary itself has is never older than what was acknowledged, but may be
   * rolled back: a discard, after which the key went on. Where both say the same it is neither. (A read with `afterClusterTime` would wait for
   * every other writer of the server, 100 ms each time on a single node.)
   */
  async function agreed<T>(
    read: (from: Collection<LetterDocument>) => Promise<T>,
    said: (answer: T) => unknown = (answer) => answer,
  ): Promise<T> {
    for (let looks = 0; looks < majorityLooks; looks += 1) {
      const [durable, ofPrimary] = await Promise.all([read(letters), read(newest)])
      if (isDeepStrictEqual(said(durable), said(ofPrimary))) return durable
      await delay(majorityPauseMs)
    }
    throw new SilentServerError('the majority does not catch up with the primary')
  }

  return {
    async ensure(stream) {
      try {
        await ensureCollection(client.db(database), name)
        await letters.createIndexes([{ key: { stream: 1, key: 1, token: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }])
      } catch (error) {
        throw unfit.has(errorNumber(error) ?? 0) ? unusable(error, stream, `${database}.${name}`) : error
      }
    },

    async held(stream) {
      const found = await agreed((from) =>
        from
          .aggregate<{ _id: string; first: string; last: string; marked: boolean; parked: number }>([
            { $match: { stream } },
            {
              $group: {
                _id: '$key',
                first: { $min: '$token' },
                last: { $max: '$token' },
                marked: { $max: { $eq: [{ $type: '$redrive' }, 'object'] } },
                parked: { $sum: { $cond: [{ $eq: ['$state', 'parked'] }, 1, 0] } },
              },
            },
            { $sort: { _id: 1 } },
          ])
          .toArray(),
      )
      return {
        keys: new Map(found.map(({ _id, first }) => [_id, first])),
        parked: found.reduce((sum, { parked }) => sum + parked, 0),
        last: found.reduce<string | null>((highest, { last }) => (highest === null || last > highest ? last : highest), null),
        marked: found.flatMap(({ _id, marked }) => (marked ? [_id] : [])),
      }
    },

    async summary(stream) {
      const found = await letters
        .aggregate<{ _id: 'parked' | 'held'; count: number; oldest: Date }>([
          { $match: { stream } },
          { $group: { _id: '$state', count: { $sum: 1 }, oldest: { $min: '$parkedAt' } } },
        ])
        .toArray()
      const count = (state: string) => found.find(({ _id }) => _id === state)?.count ?? 0
      const oldest = found.map((group) => group.oldest).sort((a, b) => a.getTime() - b.getTime())[0] ?? null
      return { parked: count('parked'), held: count('held'), oldest }
    },

    async next(stream, key) {
      const first = (from: Collection<LetterDocument>) => from.findOne({ stream, key }, { sort: { token: 1 } })
      const found = await agreed(first, (letter) => letter?._id)
      return found && { stream, key, position: fromPositionDocument(found), change: keptChange(found) }
    },

    async remove({ stream, key, ...letter }, session) {
      const options = session && { session }
      const removed = await letters.findOneAndDelete({ _id: letterId({ stream, ...letter }) }, options ?? {})
      if (removed === null) return false
      // What was held since the key was marked goes on with it, also after a crash.
      if (removed.redrive !== undefined)
        await letters.findOneAndUpdate(
          { stream, key },
          { $set: { redrive: removed.redrive } },
          { sort: { token: 1 }, ...options },
        )
      return true
    },

    async failed({ stream, key, position }, { message, ...failure }, session) {
      const options = session && { session }
      await letters.updateOne(
        { _id: letterId({ stream, position }) },
        [
          {
            $set: {
              state: 'parked',
              failures: {
                $concatArrays: [
                  '$failures',
                  [{ $mergeObjects: [{ $literal: { ...failure, ...(message !== null && { message }) } }, { at: '$$NOW' }] }],
                ],
              },
            },
          },
        ],
        options,
      )
      await letters.updateMany({ stream, key }, { $unset: { redrive: '' } }, options)
    },

    async add(added, session) {
      await letters.bulkWrite(
        added.map((letter) => ({ updateOne: { filter: { _id: letterId(letter) }, update: [insertion(letter)], upsert: true } })),
        { ordered: true, ignoreUndefined: false, ...(session && { session }) },
      )
    },
  }
}

function keptChange({ payload }: LetterDocument): Change | null {
  return payload?.kind === 'full' ? (BSON.deserialize(payload.change.value()) as Change) : null
}

/** Short enough to be typed; says nothing of the change. */
export function letterId({ stream, position }: Pick<NewLetter, 'stream' | 'position'>): string {
  return createHash('sha256').update(`${stream}\n${position.token}`).digest('hex').slice(0, 24)
}

/** A pipeline, because only that has the server's time beside fields that are set on an insert alone. */
function insertion({ position, failure, payload, ttlMs, ...rest }: NewLetter): Document {
  const fields = {
    v: 1,
    ...rest,
    ...toPositionDocument(position),
    error: failure && {
      name: failure.name,
      code: failure.code,
      class: failure.class,
      ...(failure.message !== null && { message: failure.message }),
    },
    attempts: failure?.attempts ?? 0,
    failures: [],
    ...(payload && { payload: { kind: payload.kind, change: new Binary(BSON.serialize(payload.change)) } }),
  }
  const times = { parkedAt: '$$NOW', ...(ttlMs !== null && { expiresAt: { $add: ['$$NOW', ttlMs] } }) }
  // What is there already stays as it is.
  return { $replaceWith: { $mergeObjects: [{ $literal: fields }, times, '$$ROOT'] } }
}
