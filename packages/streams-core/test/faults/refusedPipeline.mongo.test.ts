import type { Document } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { planReplay } from '../../src/admin/index.js'
import { type RunOptions, defineStream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

const run = async ({ client }: TestDatabase, pipeline: readonly Document[], options: Partial<RunOptions> = {}) => {
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, pipeline: [...pipeline], handle: () => undefined })
  return await runStream(stream, { client, until: 'caught-up', ...options }).done
}
const refused = { code: 'SERVER_REFUSED', cause: { name: 'MongoServerError' } }

// What a server says of each: Location16020, 16410, 16872, 40353, 31254, 15998, 51091.
const unreadable = [
  { $match: { $expr: { $gt: [1] } } },
  { $set: { 'a.$b': 1 } },
  { $project: { a: '$' } },
  { $set: { a: '$a.' } },
  { $project: { a: 1, b: 0 } },
  { $set: { 'a..b': 1 } },
  { $match: { a: { $regex: '(' } } },
]

test.each(unreadable)(
  'a stage that the server cannot read, %j, ends a first start: no bug, and nothing is saved',
  async (stage) => {
    await using place = await testDatabase(inject('mongoUri'))
    await expect(run(place, [stage])).rejects.toMatchObject(refused)
    expect(await place.db.collection('stream').countDocuments()).toBe(0)
  },
)

test('the same after a position was saved: the run ends, and the position stays', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await run(place, [])
  const saved = async () => (await place.db.collection('stream').findOne({}))!['token'] as unknown
  const before = await saved()
  await expect(run(place, [unreadable[0]!], { acceptDrift: true })).rejects.toMatchObject(refused)
  expect(await saved()).toBe(before)
})

test.each([
  { what: 'ConversionFailure, 241', stage: { $set: { n: { $toInt: '$fullDocument.n' } } }, n: 'x' },
  { what: 'a division by zero', stage: { $set: { n: { $divide: [1, { $strLenCP: '$fullDocument.n' }] } } }, n: '' },
])('a stage that fails for what a change has ($what) ends the run instead of being tried for ever', async ({ stage, n }) => {
  await using place = await testDatabase(inject('mongoUri'))
  await run(place, [stage])
  await place.db.collection('source').insertOne({ n }, { writeConcern: { w: 'majority' } })
  await expect(run(place, [stage])).rejects.toMatchObject(refused)
})

test('an operator who asks about such a stream is told the same', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await run(place, [])
  const stream = defineStream({
    name: 's',
    watch: { collection: 'source' },
    pipeline: [unreadable[0]!],
    handle: () => undefined,
  })
  const asked = planReplay({ client: place.client, streams: [stream] }, 's', { from: { kind: 'earliest' } })
  await expect(asked).rejects.toMatchObject({ code: 'SERVER_REFUSED' })
})
