import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { startReplicaSet } from '../../src/testing/index.js'
import { asUser } from '../../src/testing/logins.js'
import { caught } from '../admin/setting.js'

const database = 'boletia_test_revoked'
test('privileges that are revoked while it runs end a run with UNAUTHORISED, saying what to grant; granted again, nothing was lost', async () => {
  await using set = await startReplicaSet({ auth: true })
  await using root = new MongoClient(set.uri)
  const users = root.db('admin')
  const grant = { role: 'readWrite', db: database }
  await users.command({ createUser: 'worker', pwd: 'pwd', roles: [grant] })
  await using client = new MongoClient(asUser(set.uriFor(database), 'worker', 'pwd'))
  const handed: unknown[] = []
  const stream = defineStream({
    name: 's',
    watch: { collection: 'source' },
    handle: (change) => void handed.push(change.documentKey?._id),
  })
  const insert = (_id: number) => root.db(database).collection<{ _id: number }>('source').insertOne({ _id })
  // Its release will be refused too.
  const running = runStream(stream, { client, leaseTtlMs: 1000 })
  running.done.catch(() => undefined)
  await expect.poll(() => running.status.phase).toBe('running')
  await users.command({ revokeRolesFromUser: 'worker', roles: [grant] })
  await insert(1)
  expect(await caught(running.done)).toMatchObject({
    code: 'UNAUTHORISED',
    exit: 8,
    message: expect.stringContaining('grant it the read role') as string,
  })
  await users.command({ grantRolesToUser: 'worker', roles: [grant] })
  await runStream(stream, { client, standby: true, until: 'caught-up' }).done
  expect(new Set(handed)).toEqual(new Set([1]))
})
