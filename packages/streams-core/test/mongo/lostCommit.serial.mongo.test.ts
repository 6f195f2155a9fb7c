import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { mongoCheckpointStore } from '../../src/mongo/checkpointStore.js'
import { mongoLeaseStore } from '../../src/mongo/leaseStore.js'
import { killSessions, ownSessions } from '../../src/mongo/ownSessions.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { at, settled } from './ownState.js'

test('rule 12: after a commit that never arrived the next transaction is on the same session, which ends the open one; a new session meets its lock', async () => {
  await using set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
  await using place = await testDatabase(set.uri)
  const effects = await place.db.createCollection('effects')
  const client = await new MongoClient(place.uri, { appName: 'stream' }).connect()
  const sessions = ownSessions(client)
  try {
    const state = { client, database: place.name, collection: 'stream' }
    const leases = mongoLeaseStore(state, sessions)
    const store = mongoCheckpointStore(state, leases, sessions)
    await store.create('s', at(1), 'f', 'me')
    await leases.acquire({ name: 's', owner: 'me', process: null, ttlMs: 60_000, over: null })
    await store.fence('s', 1, 'me', 'f')
    const claim = { name: 's', epoch: 1, rev: 0 }
    const commit = () =>
      store.commitWith(
        claim,
        settled(2),
        async (session) => void (await client.db(place.name).collection('effects').insertOne({}, { session: session! })),
        false,
      )

    const failing = (mode: string, how = {}) =>
      place.admin.admin().command({
        configureFailPoint: 'failCommand',
        mode,
        ...(mode !== 'off' && { data: { failCommands: ['commitTransaction'], appName: 'stream', ...how } }),
      })
    // Refused by a number that says nothing about the way to the server, it is not ended either.
    await failing('alwaysOn', { errorCode: 8000 })
    await expect(commit()).rejects.toMatchObject({ name: 'RefusedCommit', cause: { code: 8000 } })
    await failing('alwaysOn', { closeConnection: true })
    await expect(commit()).rejects.toMatchObject({ name: 'MongoNetworkError' })
    await failing('off')

    const naive = place.client.startSession()
    naive.startTransaction()
    const states = place.db.collection<{ _id: string }>('stream')
    await expect(states.updateOne({ _id: 's' }, { $inc: { rev: 1 } }, { session: naive })).rejects.toMatchObject({ code: 112 })
    await naive.abortTransaction().catch(() => undefined)
    await naive.endSession()

    const began = performance.now()
    expect(await commit()).toEqual({ kind: 'committed', claim: { ...claim, rev: 1 } })
    // Else the server ends it after transactionLifetimeLimitSeconds, a minute.
    expect(performance.now() - began).toBeLessThan(30_000)
    expect(await effects.countDocuments()).toBe(1)
    await leases.release('s', 1)
  } finally {
    // A transaction that stays open would hold up the end of the test.
    await killSessions(place.client, sessions.ids)
    await sessions[Symbol.asyncDispose]()
    await client.close()
  }
})
