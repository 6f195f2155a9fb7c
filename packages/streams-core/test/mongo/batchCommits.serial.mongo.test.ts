import { expect, test } from 'vitest'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { anchored, backlog, workedOff } from './projected.js'

// More often than a commit is asked again, so that what became of it has to be found out.
const answers = {
  'landed, and nobody knows': { times: 12, data: { writeConcernError: { code: 64, errmsg: 'nobody knows' } } },
  'never arrived': { times: 25, data: { closeConnection: true } },
}

for (const [what, { times, data }] of Object.entries(answers))
  test(`rule 12: a batch of 1,000 whose commit ${what}, does each change once, and the batches behind it too`, async () => {
    await using set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
    await using place = await testDatabase(set.uri)
    const sums = place.db.collection<{ _id: string; n: number }>('target')
    await sums.insertOne({ _id: 'sum', n: 0 })
    await anchored(place)
    await backlog(place, 2500)
    const fail = { failCommands: ['commitTransaction'], appName: 'stream', ...data }
    const { count: before } = await place.admin
      .admin()
      .command({ configureFailPoint: 'failCommand', mode: { times }, data: fail })
    const { summary } = await workedOff(place, {
      project: (change) => [
        { target: 'target', insertOne: { document: { _id: change.documentKey?._id } } },
        { target: 'target', updateOne: { filter: { _id: 'sum' }, update: { $inc: { n: 1 } } } },
      ],
    })
    const { count: after } = await place.admin.admin().command({ configureFailPoint: 'failCommand', mode: 'off' })
    expect(Number(after) - Number(before)).toBe(times)
    expect(summary).toMatchObject({ handled: 2500 })
    expect(await sums.findOne({ _id: 'sum' })).toMatchObject({ n: 2500 })
    expect(await sums.countDocuments()).toBe(2501)
  })
