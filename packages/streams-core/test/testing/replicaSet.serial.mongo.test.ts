import { existsSync } from 'node:fs'
import { MongoClient, type Timestamp } from 'mongodb'
import { expect, test } from 'vitest'
import { startReplicaSet, startStandalone } from '../../src/testing/index.js'

test('three nodes are complete when they are handed over, survive the loss of their primary, and take it back', async () => {
  await using set = await startReplicaSet({ nodes: 3 })
  await using client = new MongoClient(set.uriFor('boletia_test'), { serverSelectionTimeoutMS: 30_000 })
  const eventos = client.db().collection('eventos')
  await eventos.insertOne({ nombre: 'before' }, { writeConcern: { w: 3 } })
  const lost = set.primary()
  await lost?.kill()
  expect(lost?.pid).toBeUndefined()
  await eventos.insertOne({ nombre: 'without' }, { writeConcern: { w: 2 } })
  expect(set.primary()?.port).not.toBe(lost?.port)
  await lost?.restart()
  await eventos.insertOne({ nombre: 'after' }, { writeConcern: { w: 3, wtimeoutMS: 40_000 } })
  expect(await eventos.countDocuments()).toBe(3)
})

test('a single node takes the oplog size, server parameters and arguments it is given', async () => {
  await using set = await startReplicaSet({
    oplogSizeMb: 1,
    setParameters: { enableTestCommands: true },
    args: ['--syncdelay', '1'],
  })
  await using client = new MongoClient(set.uri)
  expect(
    (
      await client
        .db('local')
        .collection('oplog.rs')
        .aggregate([{ $collStats: { storageStats: {} } }])
        .next()
    )?.storageStats.maxSize,
  ).toBe(1024 ** 2)
  await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' })
  expect((await client.db('admin').command({ getCmdLineOpts: 1 })).argv).toEqual(expect.arrayContaining(['--syncdelay', '1']))
})

test('a tiny oplog forgets its beginning while documents of 200 kB are written, once a checkpoint has passed', async () => {
  await using set = await startReplicaSet({ oplogSizeMb: 1, args: ['--syncdelay', '1'] })
  await using client = new MongoClient(set.uriFor('boletia_test'))
  const oplog = client.db('local').collection('oplog.rs')
  const oldest = async () => (await oplog.find().sort({ $natural: 1 }).limit(1).next())?.ts as Timestamp
  const beginning = await oldest()
  const deadline = performance.now() + 40_000
  while ((await oldest()).equals(beginning) && performance.now() < deadline) {
    await client
      .db()
      .collection('eventos')
      .insertOne({ filler: 'x'.repeat(200_000) })
  }
  expect((await oldest()).greaterThan(beginning)).toBe(true)
})

test('a stopped set leaves no process and no file, and may be stopped again', async () => {
  const set = await startReplicaSet()
  const dbPath = await dbPathOf(set.uri)
  const pid = set.nodes[0]?.pid
  expect([existsSync(dbPath), existsSync(`/proc/${pid}`)]).toEqual([true, true])
  await set.stop()
  await set.stop()
  expect([existsSync(dbPath), existsSync(`/proc/${pid}`)]).toEqual([false, false])
})

async function dbPathOf(uri: string): Promise<string> {
  await using client = new MongoClient(uri)
  return (await client.db('admin').command({ getCmdLineOpts: 1 })).parsed.storage.dbPath
}

test('a standalone server is none of a replica set', async () => {
  await using server = await startStandalone()
  await using client = new MongoClient(server.uri)
  expect((await client.db().command({ hello: 1 })).setName).toBeUndefined()
})

test.each([
  [{ args: ['--bogus'] }, /refuses the arguments of this test: .*unrecognised option '--bogus'/],
  [{ setParameters: { nope: 1 } }, /Unknown --setParameter 'nope'/],
  [{ nodes: 0 }, /^nodes must be 1 to 7/],
])('%o is refused with the reason, before anything is started', async (options, message) => {
  await expect(startReplicaSet(options)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(message),
  })
})
