import type { ResumeToken, Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { compareTokens } from '../../src/core/position.js'
import { defineStream, runStream } from '../../src/index.js'
import { testDatabase } from '../../src/testing/index.js'

const count = 3000

test('rule 6: the changes of one transaction have one time and rising tokens: a foreign position in its midst repeats none and leaves none out', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = await place.db.createCollection<{ _id: number }>('source')
  const stream = source.watch([], { batchSize: count })
  await stream.tryNext()
  const documents = Array.from({ length: count }, (_, _id) => ({ _id }))
  await place.client.withSession((session) => session.withTransaction(() => source.insertMany(documents, { session })))
  const changes: { readonly _id: ResumeToken; readonly clusterTime?: Timestamp }[] = []
  while (changes.length < count) changes.push(await stream.next())
  await stream.close()

  const tokens = changes.map(({ _id }) => (_id as { _data: string })._data)
  expect(new Set(changes.map(({ clusterTime }) => clusterTime!.toBigInt())).size).toBe(1)
  expect(tokens.every((token, i) => i === 0 || compareTokens(tokens[i - 1]!, token) < 0)).toBe(true)

  const middle = changes[count / 2 - 1]!
  await place.db.collection('stream').insertOne({ stream: 's', token: tokens[count / 2 - 1]! })
  const handed: unknown[] = []
  const handle = (change: { readonly documentKey?: { readonly _id: unknown } }) => void handed.push(change.documentKey?._id)
  const rest = defineStream({ name: 's', watch: { collection: 'source' }, handle })
  await using run = runStream(rest, { client: place.client, until: 'caught-up', max: count })
  await run.done
  expect(handed).toEqual(documents.slice(count / 2).map(({ _id }) => _id))

  // Going by the time alone repeats a half or leaves the other out.
  const naive = (keep: (time: Timestamp) => boolean) => changes.filter(({ clusterTime }) => keep(clusterTime!)).length
  expect(naive((time) => time.greaterThanOrEqual(middle.clusterTime!))).toBe(count)
  expect(naive((time) => time.greaterThan(middle.clusterTime!))).toBe(0)
})
