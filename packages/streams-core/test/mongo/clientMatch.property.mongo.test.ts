import fc from 'fast-check'
import { BSONSymbol, Binary, Code, DBRef, type Document, Double, Long, ObjectId } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { clientMatch } from '../../src/core/clientMatch.js'
import { killCursor, openCursor } from '../../src/mongo/watchedNamespace.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

const ids = [new ObjectId('650000000000000000000001'), new ObjectId('650000000000000000000002')]
const literal = fc.constantFrom<unknown>('', 'x', 'y', 'X', 'insert', 'update', true, false, ...ids)
const other = fc.constantFrom<unknown>(
  null,
  1,
  0,
  new Double(1),
  Long.fromNumber(1),
  new Date(0),
  /x/,
  new BSONSymbol('x'),
  new Code('x', { a: 'x' }),
  new Binary(Buffer.from('x')),
  new DBRef('x', 'y' as never, undefined, { a: 'x' }),
  ids[0]!.toHexString(),
)
const names = ['a', 'b', '0']
const { value } = fc.letrec<{ value: unknown; document: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    literal,
    other,
    tie('document'),
    fc.array(fc.oneof(literal, other, tie('document')), { maxLength: 2 }),
  ),
  document: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3, noNullPrototype: true }),
}))
const document = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Document>

const inside = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((path) => path.join('.'))
const path = fc.oneof(
  fc.constantFrom('operationType', 'documentKey._id', 'ns.coll', 'updateDescription', 'nothing'),
  inside.map((rest) => `fullDocument.${rest}`),
  inside.map((rest) => `updateDescription.updatedFields.${rest}`),
)
const condition = fc.oneof(
  literal,
  fc.record({ $eq: literal }),
  fc.record({ $in: fc.array(literal, { maxLength: 3 }) }),
  fc.record({ $exists: fc.boolean() }),
  fc.record({ $exists: fc.boolean(), $in: fc.array(literal, { maxLength: 3 }) }),
)
const { query } = fc.letrec<{ query: Document }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'query' },
    fc.dictionary(path, condition, { maxKeys: 2, noNullPrototype: true }),
    fc.record({ $or: fc.array(tie('query'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ $and: fc.array(tie('query'), { minLength: 1, maxLength: 2 }) }),
  ) as fc.Arbitrary<Document>,
}))
const pipeline = fc.array(
  query.map((each) => ({ $match: each })),
  { minLength: 1, maxLength: 2 },
)

test('what the server lets through a $match is what we would, in a collection with a collation of its own too', async () => {
  for (const collation of [undefined, { locale: 'en', strength: 1 }]) {
    await using place = await testDatabase(inject('mongoUri'))
    const watched = await place.db.createCollection<{ _id: number }>('watched', { ...(collation && { collation }) })
    const from = await token(place)
    const documents = fc.sample(document, 150)
    await watched.insertMany(documents.map((each, _id) => ({ ...each, _id })))
    for (const [_id, each] of fc.sample(document, 60).entries())
      await watched.updateOne({ _id }, { $set: { ...each, b: 'y' } }).catch(() => undefined)
    await watched.insertOne({ _id: -1 }, { writeConcern: { w: 'majority' } })
    await watched.deleteOne({ _id: -1 }, { writeConcern: { w: 'majority' } })
    const everything = await changes(place, from, [])
    let decided = 0
    let undecided = 0

    await fc.assert(
      fc.asyncProperty(pipeline, async (stages) => {
        const match = clientMatch(stages)
        if (match === null) throw new Error('not evaluated')
        const letThrough = new Set((await changes(place, from, stages)).map(({ _id }) => _id._data))
        for (const change of everything) {
          const verdict = match(change)
          if (verdict === null) undecided += 1
          else decided += 1
          expect(verdict === null || verdict === letThrough.has(change['_id']._data)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
    // Most of it is decided here: a matcher that leaves all to the server would pass as well.
    expect(decided).toBeGreaterThan(undecided * 4)
  }
})

/** All changes after a token, as one batch. */
async function changes({ db }: TestDatabase, startAfter: unknown, stages: Document[]): Promise<Document[]> {
  const session = db.client.startSession({ causalConsistency: false })
  try {
    const options = { session, readPreference: 'primary' } as const
    const opened = await db.command(
      {
        aggregate: 'watched',
        pipeline: [{ $changeStream: { startAfter, fullDocument: 'updateLookup' } }, ...stages],
        cursor: { batchSize: 1000 },
        readConcern: { level: 'majority' },
      },
      options,
    )
    await killCursor(db.client, openCursor(opened))
    return opened['cursor'].firstBatch
  } finally {
    await session.endSession()
  }
}

async function token(place: TestDatabase): Promise<unknown> {
  const stream = place.db.collection('watched').watch()
  await stream.tryNext()
  const { resumeToken } = stream
  await stream.close()
  return resumeToken
}
