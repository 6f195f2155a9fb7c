import { expect, test } from 'vitest'
import { oplogForgets } from '../../../../test/support/oplogForgets.js'
import { applyReset, peek, planReplay, planReset, streamStatus } from '../../src/admin/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { caught, operator } from './setting.js'

const handed: unknown[] = []
const stream = defineStream({
  name: 'copies',
  watch: { collection: 'source' },
  handle: (change) => {
    handed.push(change.documentKey?._id)
  },
})

test('a position that the oplog has forgotten: status says so, only what opens can be chosen, and earliest opens', async () => {
  await using set = await startReplicaSet({ auth: true, oplogSizeMb: 1, args: ['--syncdelay', '1'] })
  await using place = await testDatabase(set.uri)
  const { client, db, admin } = place
  const options = { client, streams: [stream] }
  await db.createCollection('source')
  const run = async () => await runStream(stream, { client, until: 'caught-up' }).done
  await run()
  await db.collection<{ _id: number }>('source').insertOne({ _id: 1 })
  await run()
  const { position } = await streamStatus(options, 'copies')
  await oplogForgets(admin.client, admin, position!.clusterTime.getTime() / 1000)

  expect(await streamStatus(options, 'copies')).toMatchObject({ state: 'stopped', lagMs: null, headroomMs: 0 })
  const lost = {
    code: 'HISTORY_LOST',
    exit: 6,
    message: expect.stringContaining('boletia-streams reset copies --to earliest') as string,
  }
  expect(await caught(planReset(options, 'copies', { kind: 'time', time: position!.clusterTime }))).toMatchObject(lost)
  expect(await caught(planReset(options, 'copies', { kind: 'token', token: position!.token }))).toMatchObject(lost)
  expect(await caught(planReset(options, 'copies', { kind: 'by', ms: 0 }))).toMatchObject(lost)
  expect(await caught(run())).toMatchObject({ code: 'HISTORY_LOST' })

  const plan = await planReset(options, 'copies', { kind: 'earliest' })
  // Nobody can count what is lost.
  expect(plan).toMatchObject({ direction: 'skip', changes: { count: 0, exact: false } })
  const done = await applyReset(options, plan, operator)
  await db.collection<{ _id: number }>('source').insertOne({ _id: 2 })
  await run()
  expect(handed).toEqual([1, 2])
  expect(done.undo!.token).toBe(position!.token)
  expect(await caught(planReset(options, 'copies', { kind: 'token', token: done.undo!.token }))).toMatchObject(lost)

  // The stream is well again: what a replay or a look back asks for in vain must not talk anybody into moving it.
  const before = { time: position!.clusterTime, ms: Date.now() - position!.clusterTime.getTime() + 60_000 }
  const replayed = await caught(planReplay(options, 'copies', { from: { kind: 'time', time: before.time } }))
  expect(replayed).toMatchObject({ code: 'HISTORY_LOST', details: { asked: 'replay' } })
  expect((replayed as Error).message).toContain(
    'boletia-streams replay copies --from earliest; the saved position is not concerned',
  )
  const peeked = await caught(peek(options, 'copies', { limit: 1, beforeMs: before.ms }))
  expect(peeked).toMatchObject({ code: 'HISTORY_LOST', details: { asked: 'peek' } })
  expect((peeked as Error).message).toContain('boletia-streams peek copies --before <shorter>')
  expect(`${String(replayed)} ${String(peeked)}`).not.toContain('reset')
})
