import { expect, test } from 'vitest'
import { pipelineFault } from '../../src/core/pipelineRules.js'

test('the stages of a change stream are allowed, and only those', () => {
  expect(
    pipelineFault([{ $match: { operationType: 'insert' } }, { $addFields: { n: 1 } }, { $project: { fullDocument: 1 } }]),
  ).toBeNull()
  expect(pipelineFault([{ $group: { _id: null } }])).toMatch(/pipeline\[0\]: \$group is not allowed/)
  expect(pipelineFault([{ $match: {}, $set: {} }])).toMatch(/exactly one stage/)
})

test('JavaScript on the server is refused at any depth', () => {
  expect(pipelineFault([{ $match: { $or: [{ a: 1 }, { $and: [{ $where: 'true' }] }] } }])).toMatch(/\$where/)
  expect(pipelineFault([{ $set: { a: { $function: { body: '', args: [], lang: 'js' } } } }])).toMatch(/\$function/)
})

test('a stage that removes the resume token is refused', () => {
  for (const stage of [{ $unset: '_id' }, { $unset: ['a', '_id'] }, { $project: { _id: 0 } }])
    expect(pipelineFault([stage])).toMatch(/resume token/)
})
