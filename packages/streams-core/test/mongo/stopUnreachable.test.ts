import { createServer } from 'node:net'
import { once } from 'node:events'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'

test('a run that looks for a server that is not there ends at once when it is asked to stop', async () => {
  // It takes connections and says nothing.
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { readonly port: number }
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`, { serverSelectionTimeoutMS: 600_000 })
  const stop = new AbortController()
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
  const { done } = runStream(stream, { client, database: 'd', signal: stop.signal })
  await once(silent, 'connection')
  stop.abort(new Error('enough'))
  expect(await done).toMatchObject({ reason: 'stopped' })
  await client.close(true)
  silent.close()
})
