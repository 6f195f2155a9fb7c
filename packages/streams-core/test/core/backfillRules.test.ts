import type { Document } from 'mongodb'
import { expect, test } from 'vitest'
import { backfillFault } from '../../src/core/backfillRules.js'

const match = ($match: Document) => [{ $match }]

test('a pipeline that lets no insert through is refused for a backfill, with the stage and why', () => {
  const refused: readonly [Document, RegExp][] = [
    [{ operationType: 'update' }, /pipeline\[0\] lets no insert through/],
    [{ operationType: { $in: ['update', 'delete'] } }, /lets no insert through/],
    [{ operationType: { $ne: 'insert' } }, /lets no insert through/],
    [{ $and: [{ a: 1 }, { operationType: { $nin: ['insert'] } }] }, /lets no insert through/],
    [
      { 'updateDescription.updatedFields.estado': 'X' },
      /asks for updateDescription\.updatedFields\.estado, which only an update has/,
    ],
    [{ 'updateDescription.updatedFields.estado': { $exists: true } }, /which only an update has/],
  ]
  for (const [condition, why] of refused) expect(backfillFault(match(condition))).toMatch(why)
})

test('a pipeline that may let one through is not', () => {
  const fine: readonly Document[] = [
    {},
    { operationType: 'insert' },
    { operationType: { $in: ['insert', 'update'] }, 'fullDocument.estado': 'A' },
    { operationType: { $in: [/ins/] } },
    { 'updateDescription.updatedFields.estado': { $exists: false } },
    { $or: [{ operationType: 'insert' }, { 'updateDescription.updatedFields.estado': 'X' }] },
  ]
  for (const condition of fine) expect(backfillFault(match(condition))).toBeNull()
  // Behind a stage that makes fields nobody knows what they say.
  expect(backfillFault([{ $set: { operationType: 'update' } }, ...match({ operationType: 'update' })])).toBeNull()
})
