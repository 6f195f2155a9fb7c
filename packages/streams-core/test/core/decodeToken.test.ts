// The tokens were recorded from a mongod 6.0.5 (version 2 ones with its internal `$_generateV2ResumeTokens`).
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { BSON } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { decodeToken } from '../../src/core/decodeToken.js'
import { compareTokens } from '../../src/core/position.js'
import { isStreamError } from '../../src/streamError.js'

interface Recorded {
  readonly data: string
  readonly typeBits?: string
  readonly documentKey?: object
  readonly clusterTime: { readonly t: number; readonly i: number }
}

const recorded = JSON.parse(readFileSync(new URL('recordedTokens.json', import.meta.url), 'utf8')) as Record<string, Recorded>
const collection = 'f0fbbdfee90a44dca400af9d7ef82577'
const bits = (token: Recorded) => (token.typeBits === undefined ? undefined : Buffer.from(token.typeBits, 'hex'))
const token = (name: string): Recorded => recorded[name] as Recorded
const decode = (name: string) => decodeToken(token(name).data, bits(token(name)))
const canonical = (value: unknown): unknown =>
  JSON.parse(BSON.EJSON.stringify(BSON.EJSON.parse(JSON.stringify(value), { relaxed: false }), { relaxed: false }))

describe('a recorded token', () => {
  test.each(Object.keys(recorded))('%s gives the cluster time and the document key that the server put in', (name) => {
    const decoded = decode(name)
    expect(decoded.clusterTime).toEqual(token(name).clusterTime)
    expect(canonical(decoded.documentKey)).toEqual(canonical(token(name).documentKey ?? null))
  })

  test('of a change says which collection, which version, and that it is an event', () => {
    expect(decode('objectId')).toEqual({
      clusterTime: { t: 1795253567, i: 1 },
      version: 1,
      type: 'event',
      txnOpIndex: 0,
      fromInvalidate: false,
      collectionUuid: collection,
      operationType: null,
      documentKey: { _id: { $oid: '65a000000000000000000001' } },
      operationDescription: null,
      fragment: null,
    })
  })

  test('of version 2 says the operation beside the key', () => {
    expect(decode('insertV2')).toMatchObject({
      version: 2,
      operationType: 'insert',
      documentKey: { _id: { $oid: '65a000000000000000000001' } },
    })
  })

  test('of a post-batch position is a high-water mark, without a collection', () => {
    for (const name of ['highWater', 'highWaterV2']) {
      expect(decode(name)).toMatchObject({ type: 'highWaterMark', collectionUuid: null, documentKey: null, operationType: null })
    }
  })

  test('of a DDL event says what was done instead of a key', () => {
    for (const name of ['createIndexes', 'createIndexesV2']) {
      expect(decode(name)).toMatchObject({
        operationType: 'createIndexes',
        documentKey: null,
        operationDescription: { indexes: [{ v: 2, key: { x: 1 }, name: 'x_1' }] },
      })
    }
  })

  test('of an invalidate differs from its drop by fromInvalidate and sorts after it', () => {
    for (const [drop, invalidate] of [
      ['drop', 'invalidate'],
      ['dropV2', 'invalidateV2'],
    ] as const) {
      expect([decode(drop).fromInvalidate, decode(invalidate).fromInvalidate]).toEqual([false, true])
      expect(compareTokens(token(drop).data, token(invalidate).data)).toBeLessThan(0)
    }
  })

  test('inside a transaction has its place there, and sorts by it', () => {
    expect(['txn0', 'txn1', 'txn2'].map((name) => decode(name).txnOpIndex)).toEqual([0, 1, 2])
    expect(compareTokens(token('txn1').data, token('txn2').data)).toBeLessThan(0)
  })

  test('of a sharded collection shows every field of its key', () => {
    const head = token('int').data.slice(0, -'461E5F6964002B0A0004'.length)
    const decoded = decodeToken(`${head}463C726567696F6E003C6E6F72746500645F6964006465A0000000000000000000010004`)
    expect(decoded.documentKey).toEqual({ region: 'norte', _id: { $oid: '65a000000000000000000001' } })
  })
})

describe('without type bits', () => {
  test('a number is shown by its value: what two types share cannot be told apart', () => {
    expect(decodeToken(token('double').data).documentKey).toEqual({ _id: 1.5 })
    expect(decodeToken(token('decInt').data).documentKey).toEqual({ _id: 42 })
    expect(decodeToken(token('long').data).documentKey).toEqual({ _id: { $numberLong: '9007199254740993' } })
    expect(decodeToken(token('dec').data).documentKey).toEqual({ _id: { $numberDecimal: '1.1' } })
  })
})

describe('a malformed token', () => {
  const good = token('string').data
  test.each([
    ['', 'empty (byte 0)'],
    ['82xx', 'only the digits 0-9 and A-F (byte 1)'],
    [good.slice(0, -1), 'odd number of digits: it was cut off (byte 52)'],
    [good.slice(0, -2), 'it was cut off (byte 52)'],
    [good.slice(0, 40), 'it ends inside binary data (byte 19)'],
    [`${good}04`, 'something follows its end (byte 53)'],
    [`2B02${good}`, 'does not begin with a time (byte 0)'],
    [good.replace('2B022C0100', '2B082C0100'), 'the version is 4: not known to this program (byte 9)'],
    [good.replace('6E5A', '145A'), 'fromInvalidate is neither true nor false (byte 15)'],
    [good.replace('5A1004', '5A1003'), 'its collection is no UUID (byte 16)'],
    [`82${'00'.repeat(8)}FF04`, 'no value begins with ff (byte 9)'],
    ['deadbeef', 'no value begins with de (byte 0)'],
    ['82000000010000000104', 'it ends before the version'],
    [`8200000001000000012B022C0100296E${'50'.repeat(300)}`, 'it nests too deeply'],
  ])('%s is TOKEN_UNUSABLE and says where', (text, why) => {
    try {
      decodeToken(text)
      expect.unreachable()
    } catch (error) {
      expect(isStreamError(error, 'TOKEN_UNUSABLE')).toBe(true)
      expect((error as Error).message).toContain(why)
    }
  })

  test('never ends in anything else, whatever is cut, changed or put in', () => {
    const names = Object.keys(recorded)
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.uint8Array({ maxLength: 12 }), fc.nat(40), (name, at, noise, cut) => {
        const bytes = Buffer.from(token(name).data, 'hex')
        const place = at % bytes.length
        const changed = Buffer.concat([bytes.subarray(0, place), noise, bytes.subarray(place + (cut % 14))])
        try {
          decodeToken(changed.toString('hex').toUpperCase(), noise)
        } catch (error) {
          if (!isStreamError(error, 'TOKEN_UNUSABLE')) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})
