import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet } from 'mongodb-memory-server'
import { expect, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { findMongod } from '../../src/testing/mongod/findMongod.js'
import { caught } from '../admin/setting.js'

const database = 'boletia_test_revoked'
test('privileges that are revoked while it runs end a run with UNAUTHORISED, saying what to grant; granted again, nothing was lost', async () => {
  const { path: systemBinary, version } = await findMongod({})
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary, version },
    replSet: { count: 1, storageEngine: 'wiredTiger', auth: { enable: true, customRootName: 'root', customRootPwd: 'pwd' } },
  })
  await using _set = { [Symbol.asyncDispose]: async () => void (await set.stop()) }
  const as = (user: string) => set.getUri(database).replace('mongodb://', `mongodb://${user}:pwd@`) + '&authSource=admin'
  await using root = new MongoClient(as('root'))
  const users = root.db('admin')
  const grant = { role: 'readWrite', db: database }
  await users.command({ createUser: 'worker', pwd: 'pwd', roles: [grant] })
  await using client = new MongoClient(as('worker'))
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
