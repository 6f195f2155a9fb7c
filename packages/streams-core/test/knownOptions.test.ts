import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { type ConnectStreamOptions, type RunOptions, connectStream, defineStream, runStream } from '../src/index.js'
import { listStreams } from '../src/admin/index.js'
import { resolvePlaces } from '../src/mongo/places.js'

const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
const client = new MongoClient('mongodb://127.0.0.1:1/somewhere')

const run = (options: object) => {
  try {
    return runStream(stream, options as RunOptions)
  } catch (error) {
    return error
  }
}

test.each([
  [{ client, unti: 'caught-up' }, 'runStream: unknown option unti; did you mean until?'],
  [{ client, Until: 'caught-up' }, 'unknown option Until; did you mean until?'],
  [{ client, stanby: true }, 'did you mean standby?'],
  [{ client, concurrency: 3 }, 'unknown option concurrency; it takes client, connections,'],
  [{ client, until: 'caught up' }, "until must be 'caught-up', 'redriven' or { time: Date }"],
  [{ client, until: { time: '2026-01-01' } }, 'until must be'],
  [{}, 'no connection is called default (given: none)'],
  [{ client: {} }, 'connection default must be a MongoClient of the driver; got another object'],
  [{ client: 'mongodb://ana:s3cr3t@db/boletia' }, 'connection default must be a MongoClient of the driver; got a string'],
  [{ connections: { default: client, tickets: null } }, 'connection tickets must be a MongoClient of the driver; got null'],
])('runStream refuses at the door what it would pass over, or trip over: %#', (options, message) => {
  const refused = run(options)
  expect(refused).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(message) as string })
  expect(String(refused)).not.toContain('s3cr3t')
})

test('so does connectStream, and so do the functions for operators', async () => {
  const options = { signal: new AbortController().signal, client, stream: 's', collection: 'c', handler: () => undefined }
  const given = { ...options, pipelines: [] } as ConnectStreamOptions
  await expect(connectStream(given)).rejects.toThrow('connectStream: unknown option pipelines; did you mean pipeline?')
  await expect(connectStream({ ...options, client: {} as MongoClient })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
  await expect(listStreams({ client: {} as MongoClient, streams: [] })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
})

test('a client of another copy of the driver is one', () => {
  const { options } = client
  const other = { options, db: () => undefined, startSession: () => undefined } as unknown as MongoClient
  expect(resolvePlaces({ client: other }).state).toMatchObject({ client: other, database: 'somewhere' })
})
