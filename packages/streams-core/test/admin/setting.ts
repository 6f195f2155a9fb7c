import { inject } from 'vitest'
import type { Document } from 'mongodb'
import { type AdminOptions, type StreamStatus, streamStatus } from '../../src/admin/index.js'
import { type Stream, type StreamOptions, defineStream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

/** A database of one test with a stream `copies` on the collection `source`, and what its handler was given. */
export interface Setting extends AsyncDisposable {
  readonly place: TestDatabase
  readonly stream: Stream
  readonly options: AdminOptions
  /** `_id`s handed over, in order. */
  readonly handed: unknown[]
  /** The same with `context.replay`. */
  readonly replays: [unknown, boolean][]
  /** Resume token of each change handed over, by its `_id`. */
  readonly tokens: Map<unknown, string>
  insert(...ids: unknown[]): Promise<void>
  /** Runs the stream until it has caught up with now, or has settled `max` changes. */
  run(max?: number): Promise<void>
  state(): Promise<Document>
}

export async function setting(extra: Partial<StreamOptions> = {}): Promise<Setting> {
  const place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('source')
  const handed: unknown[] = []
  const replays: [unknown, boolean][] = []
  const tokens = new Map<unknown, string>()
  const stream = defineStream({
    name: 'copies',
    watch: { collection: 'source' },
    handle: (change, context) => {
      handed.push(change.documentKey?._id)
      replays.push([change.documentKey?._id, context.replay])
      tokens.set(change.documentKey?._id, context.token)
    },
    ...extra,
  } as StreamOptions)
  return {
    place,
    stream,
    options: { client: place.client, streams: [stream] },
    handed,
    replays,
    tokens,
    async insert(...ids) {
      for (const _id of ids)
        await place.db.collection('source').insertOne({ _id: _id as never }, { writeConcern: { w: 'majority' } })
    },
    async run(max) {
      await runStream(stream, { client: place.client, until: 'caught-up', ...(max !== undefined && { max }) }).done
    },
    async state() {
      const found = await place.db.collection('stream').findOne({ _id: stream.name as never })
      if (found === null) throw new Error('nothing is saved')
      return found
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
}

/** The status, asked for again while its look at the stream ran out of its second, on a busy machine: the lag is not known then. */
export async function statusWithLag(options: AdminOptions, name = 'copies'): Promise<StreamStatus> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const status = await streamStatus(options, name)
    if (status.lagMs !== null || performance.now() > deadline) return status
  }
}

export const operator = { by: 'tester', reason: null, action: 'reset' } as const

export async function caught(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  )
}
