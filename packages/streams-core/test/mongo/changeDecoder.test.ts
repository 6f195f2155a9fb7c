import fc from 'fast-check'
import { BSON, Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb'
import { expect, test } from 'vitest'
import { changeDecoder } from '../../src/mongo/changeDecoder.js'

const hex = fc.stringMatching(/^(82[0-9A-F]{16,60})?$/)
const objectIds = fc.stringMatching(/^[0-9a-f]{24}$/).map((text) => new ObjectId(text))
const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    objectIds,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => Long.fromBigInt(number)),
    fc.constant(Decimal128.fromString('1.5')),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => new Binary(bytes)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ maxLength: 5 }).filter((name) => !name.includes('\0')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value
const documents = fc.dictionary(fc.stringMatching(/^[a-z_$]{1,5}$/), values, { maxKeys: 5 })
const ids = fc.oneof(objectIds, fc.integer(), fc.string(), values)
const tokens = fc.oneof(
  { weight: 4, arbitrary: hex.map((_data) => ({ _data })) },
  fc.record({ _data: hex, _typeBits: fc.constant(new Binary(new Uint8Array([7]))) }),
  documents,
)
const times = fc.record({ t: fc.nat(0xffff_ffff), i: fc.nat(0xffff_ffff) }).map((time) => new Timestamp(time))
// The server's and every other shape: fields in their order, some of them not there, strange ones in between.
const changes = fc
  .tuple(
    fc.record(
      {
        _id: tokens,
        operationType: fc.oneof(fc.constantFrom('insert', 'update', 'delete'), fc.string()),
        clusterTime: times,
        wallTime: fc.date({ noInvalidDate: true }),
        fullDocument: fc.oneof({ weight: 3, arbitrary: documents }, fc.constant(null)),
        ns: fc.oneof(
          fc.constant({ db: 'boletia', coll: 'reservas' }),
          fc.record({ db: fc.string(), coll: fc.string() }),
          documents,
        ),
        documentKey: fc.oneof(
          ids.map((_id) => ({ _id })),
          fc.record({ zone: fc.string(), _id: ids }),
        ),
        updateDescription: documents,
      },
      { requiredKeys: [] },
    ),
    fc.record({ txnNumber: fc.constant(Long.fromNumber(3)), lsid: documents }, { requiredKeys: [] }),
    fc.boolean(),
  )
  .map(([change, more, isFirst]) => (isFirst ? { ...more, ...change } : { ...change, ...more }))
const usual = fc.record({
  _id: hex.map((_data) => ({ _data })),
  operationType: fc.constantFrom('insert', 'replace'),
  clusterTime: times,
  wallTime: fc.date({ noInvalidDate: true }),
  fullDocument: documents,
  ns: fc.constantFrom({ db: 'boletia', coll: 'reservas' }, { db: 'boletia', coll: 'eventos' }, { db: 'boletía', coll: 'año' }),
  documentKey: fc.oneof(objectIds, fc.integer(), fc.string()).map((_id) => ({ _id })),
})

for (const [what, bsonOptions] of Object.entries({
  'the defaults': {},
  'promoteValues: false': { promoteValues: false },
  'promoteLongs: false': { promoteLongs: false },
  useBigInt64: { useBigInt64: true },
  promoteBuffers: { promoteBuffers: true },
  'enableUtf8Validation: false': { enableUtf8Validation: false },
}))
  test(`a change decodes into just what the driver makes of it, whatever it holds and however its fields are ordered: ${what}`, () => {
    const { enableUtf8Validation = true, ...rest } = bsonOptions as { readonly enableUtf8Validation?: boolean }
    const drivers = { ...rest, validation: { utf8: enableUtf8Validation } }
    const decode = changeDecoder({ bsonOptions })
    fc.assert(
      fc.property(fc.array(fc.oneof(usual, changes), { minLength: 1, maxLength: 4 }), (some) => {
        for (const change of some) {
          const bytes = BSON.serialize(change)
          const [ours, theirs] = [decode(bytes), BSON.deserialize(bytes, drivers)]
          expect(ours).toStrictEqual(theirs)
          // The order of the fields too.
          expect(Buffer.from(BSON.serialize(ours))).toEqual(Buffer.from(BSON.serialize(theirs)))
        }
      }),
      { numRuns: 300 },
    )
  })

test('no two changes share an object: what a handler writes into one is not in the next', () => {
  const decode = changeDecoder({ bsonOptions: {} })
  const bytes = BSON.serialize({
    _id: { _data: '82' },
    operationType: 'delete',
    clusterTime: new Timestamp({ t: 1, i: 1 }),
    wallTime: new Date(0),
    ns: { db: 'boletia', coll: 'reservas' },
    documentKey: { _id: new ObjectId() },
  })
  const [one, other] = [decode(bytes), decode(bytes)] as unknown as Record<string, object>[]
  for (const name of ['_id', 'clusterTime', 'wallTime', 'ns', 'documentKey']) expect(one![name]).not.toBe(other![name])
  Object.assign(one!['ns']!, { coll: 'other' })
  expect(decode(bytes)).toStrictEqual(other)
})

test('numbers keep their classes where the client asks for them', () => {
  const decode = changeDecoder({ bsonOptions: { promoteValues: false } })
  const change = { documentKey: { _id: new Int32(7) }, fullDocument: { price: new Double(1) } }
  expect(decode(BSON.serialize(change))).toStrictEqual(change)
})
