import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { applyReset, history, planReset, streamStatus } from '../../src/admin/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { startReplicaSet } from '../../src/testing/index.js'
import { caught, operator } from './setting.js'

const stream = defineStream({ name: 'copies', watch: { collection: 'source' }, handle: () => undefined })

test('a user who may not read the oplog gets a headroom of null and plans without a window; only earliest is refused, saying what to grant', async () => {
  await using set = await startReplicaSet({ setParameters: { enableTestCommands: true } })
  await using client = new MongoClient(set.uriFor('boletia_test_role'))
  const options = { client, streams: [stream] }
  await client.db().createCollection('source')
  await runStream(stream, { client, until: 'caught-up' }).done
  await client.db().collection('source').insertOne({})
  // The server's answer to the role readWrite on this database alone.
  const data = { failCommands: ['find', 'aggregate'], namespace: 'local.oplog.rs', errorCode: 13 }
  await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'alwaysOn', data })

  expect(await streamStatus(options, 'copies')).toMatchObject({
    state: 'stopped',
    headroomMs: null,
    lagMs: expect.any(Number) as number,
  })
  const plan = await planReset(options, 'copies', { kind: 'latest' })
  expect(plan).toMatchObject({ oplog: null, headroomMs: null, changes: { count: 1, exact: true } })
  await applyReset(options, plan, operator)
  expect((await history(options, 'copies')).map(({ action }) => action)).toEqual(['reset', 'start'])
  const refused = { code: 'UNAUTHORISED', exit: 8, message: expect.stringContaining('read on local') as string }
  expect(await caught(planReset(options, 'copies', { kind: 'earliest' }))).toMatchObject(refused)
})
