import fc from 'fast-check'
import type { AnyBulkWriteOperation, ClientSession, Collection, Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { refusedByGuard } from '../../src/core/refusedByGuard.js'
import { modelOf } from '../../src/core/writeModel.js'
import { apply, applyOnce, isVersionTooEarly, oncePerChange } from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { type Delivery, type History, type SourceChange, histories, mixed } from './repeats/histories.js'
import { type Subject, subjects } from './repeats/subjects.js'
import { anchors, claims } from './repeats/table.js'

// Each cell of the table in docs/idempotency.md is a property: a "yes" holds for every history that is tried, a "no" has one that breaks it.
let database: TestDatabase
let target: Collection
let runs = 0
beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  target = await database.db.createCollection('t')
  await target.createIndex({ nombre: 1 }, { sparse: true })
  await database.db.createCollection('ledger')
})
afterAll(async () => await database[Symbol.asyncDispose]())

type Way = (subject: Subject, deliveries: readonly { readonly id: string; readonly delivery: Delivery }[]) => Promise<void>

/** Gives a history to documents of its own, and says whether what is there in the end is right. */
async function isRight(subject: Subject, history: History, way: Way): Promise<boolean> {
  const run = `${(runs += 1)}`
  const docs = [0, 1]
  const idOf = (doc: number) => `${run}.${doc}`
  if (subject.initial !== null)
    await target.insertMany(
      docs.map((doc) => ({ ...subject.initial, _id: idOf(doc) as never })),
      { writeConcern: { w: 1 } },
    )
  await way(
    subject,
    history.deliveries.map((delivery) => ({ id: idOf(delivery.change.doc), delivery })),
  )
  const ids = docs.map(idOf)
  const found = await target.find({ $or: [{ _id: { $in: ids as never[] } }, { nombre: { $in: ids } }] }).toArray()
  return docs.every((doc) => {
    const seen = found
      .filter((one: Document) => one['_id'] === idOf(doc) || one['nombre'] === idOf(doc))
      .map((one) => subject.seen(one))
      .filter((value) => value !== undefined)
    const right = subject.right(
      history.changes.filter((change: SourceChange) => change.doc === doc),
      history,
    )
    return fc.stringify(seen) === fc.stringify(right === undefined ? [] : [right])
  })
}

const write = async (models: AnyBulkWriteOperation[], session?: ClientSession) =>
  await target.bulkWrite(models, session === undefined ? { writeConcern: { w: 1 } } : { session })

/** As `project` returns them, in bulk; what is refused stays undone, and a history brings it again. */
const asModels: Way = async (subject, deliveries) => {
  if (subject.row === 'oncePerChange') return await withLedger(subject, deliveries)
  const models = deliveries.map(({ id, delivery }) => modelOf(subject.write(id, delivery)) as AnyBulkWriteOperation)
  if (subject.row !== 'expectedVersion') return void (await write(models))
  for (let rest = models; rest.length > 0;) {
    const failed = await write(rest).then(
      () => rest.length,
      (error: unknown) => {
        if (!isVersionTooEarly(error)) throw error
        return (error as { writeErrors: { index: number }[] }).writeErrors[0]!.index
      },
    )
    rest = rest.slice(failed + 1)
  }
}

const withLedger: Way = async (subject, deliveries) => {
  const session = database.client.startSession()
  for (const { id, delivery } of deliveries) {
    const entry = oncePerChange({ stream: delivery.change.stream, token: `${id}:${delivery.token}` }, { ledger: 'ledger' })
    const effect = subject.write(id, delivery)
    session.startTransaction({ writeConcern: { w: 1 } })
    try {
      await database.db.collection('ledger').bulkWrite([modelOf(entry)], { session })
      await write([modelOf(effect)], session)
      await session.commitTransaction()
    } catch (error) {
      await session.abortTransaction()
      if (refusedByGuard(error, [effect, entry]) !== 'alreadyDone') throw error
    }
  }
  await session.endSession()
}

/** As `handle` does them, one after the other. */
const asEffects: Way = async (subject, deliveries) => {
  for (const { id, delivery } of deliveries) {
    const { stream } = delivery.change
    const context = {
      stream,
      token: `${id}:${delivery.token}`,
      target: <D extends Document>(name: string) => database.db.collection<D>(name),
    }
    const effect = subject.write(id, delivery)
    if (subject.row === 'oncePerChange')
      await applyOnce(context, { ledger: 'ledger' }, async (within) => void (await apply(within, effect)))
    else
      await apply(context, effect).catch((error: unknown) => {
        if (!isVersionTooEarly(error)) throw error
      })
  }
}

const naively: Way = async (subject, deliveries) =>
  void (await write(deliveries.map(({ id, delivery }) => subject.naive!(id, delivery.change) as AnyBulkWriteOperation)))

const property = (subject: Subject, repeats: fc.Arbitrary<History>, way: Way) =>
  fc.asyncProperty(repeats, async (history) => await isRight(subject, history, way))
/** A history that ends wrong. The seed is fixed: whether one is found must not be left to chance. */
const broken = async (subject: Subject, repeats: fc.Arbitrary<History>, way: Way) =>
  (await fc.check(property(subject, repeats, way), { numRuns: 200, seed: 7, endOnFailure: true })).failed

test('the table has every guard and every repeat, and each "no" leads to its counter-example', () => {
  const table = claims()
  const expected = subjects.flatMap(({ row }) => Object.keys(histories).map((repeat) => ({ row, repeat })))
  expect(new Set(table.map(({ row, repeat }) => `${row}: ${repeat}`))).toEqual(
    new Set(expected.map(({ row, repeat }) => `${row}: ${repeat}`)),
  )
  expect(table.filter(({ enough, anchor }) => !enough && !anchors.includes(anchor!))).toEqual([])
})

describe.each(subjects.map((subject) => [subject.row, subject] as const))('%s', (_row, subject) => {
  const own = claims().filter(({ row }) => row === subject.row)
  const numRuns = subject.row === 'oncePerChange' ? 12 : 40
  const titled = own.map(({ repeat, enough }) => [enough ? 'is' : 'is not', repeat, enough] as const)
  test.each(titled)('%s enough against: %s', async (_is, repeat, enough) => {
    if (enough) await fc.assert(property(subject, histories[repeat]!, asModels), { numRuns })
    else expect(await broken(subject, histories[repeat]!, asModels)).toBe(true)
  })

  const withstood = mixed(own.filter(({ enough }) => enough).map(({ repeat }) => repeat))
  test('is enough when all of those happen among each other, as a write of project and as an effect of handle', async () => {
    await fc.assert(property(subject, withstood, asModels), { numRuns })
    await fc.assert(property(subject, withstood, asEffects), { numRuns: 10 })
  })
})

const guarded = subjects.filter(({ naive }) => naive !== null).map((subject) => [subject.row, subject] as const)
test.each(guarded)('%s: the naive version, without it, is wrong after a replay', async (_row, subject) => {
  expect(await broken(subject, histories['replay, reset']!, naively)).toBe(true)
})
