import { type CommandStartedEvent, MongoClient, type Timestamp } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { oplogForgets } from '../../../../test/support/oplogForgets.js'
import { applyReset, history, planReset, repairGap, streamStatus } from '../../src/admin/index.js'
import { type StreamOptions, defineStream, runStream } from '../../src/index.js'
import { type ReplicaSet, startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { caught, operator } from '../admin/setting.js'

let set: ReplicaSet
beforeAll(async () => void (set = await startReplicaSet({ auth: true, oplogSizeMb: 1, args: ['--syncdelay', '1'] })))
afterAll(async () => await set.stop())

async function place(extra: Partial<StreamOptions> = {}) {
  const own = await testDatabase(set.uri)
  const { client, db, admin } = own
  await db.createCollection('source')
  const handed: unknown[] = []
  const stream = defineStream({
    name: 'copies',
    watch: { collection: 'source' },
    handle: (change) => void handed.push(change.documentKey?._id),
    ...extra,
  } as StreamOptions)
  await runStream(stream, { client, until: 'caught-up' }).done
  /** The second of the cluster's last write. */
  const lastWrite = async () =>
    ((await db.admin().command({ hello: 1 }))['lastWrite'].opTime.ts as Timestamp).getHighBitsUnsigned()
  return {
    ...own,
    lastWrite,
    /** Makes the server forget all that was written so far. */
    forgets: async () => await oplogForgets(admin.client, admin, await lastWrite()),
    handed,
    stream,
    options: { client, streams: [stream] },
    insert: (_id: number) => db.collection<{ _id: number }>('source').insertOne({ _id }),
  }
}

test('history lost: the error says which interval is gone, a record of it stays, and it is neither repeated nor gone on from now', async () => {
  await using at = await place()
  const { clusterTime } = (await streamStatus(at.options, 'copies')).position!
  await at.insert(1)
  await at.forgets()
  const opened: unknown[] = []
  const run = () =>
    runStream(at.stream, { client: at.client, owner: 'w', observer: { reopening: (event) => opened.push(event) } }).done
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string
  for (let started = 0; started < 2; started += 1) {
    const error = (await caught(run())) as { message: string; details: { from: string; to: string } }
    expect(error).toMatchObject({ code: 'HISTORY_LOST', exit: 6, details: { stream: 'copies', from: iso, to: iso } })
    expect(error.details.from < error.details.to).toBe(true)
    expect(error.message).toContain(error.details.from)
    expect(error.message).toContain(error.details.to)
    expect(error.message).toContain('boletia-streams reset copies --to earliest --execute --confirm copies')
  }
  expect(opened).toEqual([])
  expect(at.handed).toEqual([])
  const status = await streamStatus(at.options, 'copies')
  expect(status).toMatchObject({ state: 'halted', lastError: { code: 'HISTORY_LOST' }, owner: null, position: { clusterTime } })
  // Once for each position, however often it was started.
  expect(status.gaps).toEqual([{ from: clusterTime, to: expect.any(Date) as Date, at: expect.any(Date) as Date }])
  expect((await history(at.options, 'copies')).map(({ action, by }) => [action, by])).toEqual([
    ['history-lost', 'w'],
    ['start', expect.any(String) as string],
  ])
})

for (const onHistoryLost of ['now', 'backfill'] as const) {
  test(`history lost with onHistoryLost '${onHistoryLost}': the stream goes on by itself, the gap stays recorded, and nothing after it is left out`, async () => {
    await using at = await place({ onHistoryLost })
    const { clusterTime } = (await streamStatus(at.options, 'copies')).position!
    await at.insert(1)
    await at.forgets()
    const run = () => runStream(at.stream, { client: at.client, owner: 'w', until: 'caught-up' }).done
    expect(await run()).toMatchObject({ reason: 'caught-up' })
    await at.insert(2)
    await run()
    expect(at.handed).toEqual(onHistoryLost === 'backfill' ? [1, 2] : [2])
    const status = await streamStatus(at.options, 'copies')
    expect(status).toMatchObject({ lastError: null, gaps: [{ from: clusterTime, to: expect.any(Date) as Date }], backfill: null })
    const rows = (await history(at.options, 'copies')).map(({ action, by, reason }) => [action, by, reason])
    expect(rows.slice(-2)).toEqual([
      ['history-lost', 'w', `onHistoryLost: ${onHistoryLost}`],
      ['start', expect.any(String) as string, null],
    ])
    expect(rows.slice(0, -2)).toEqual(onHistoryLost === 'backfill' ? [['backfill', 'w', '1 documents']] : [])
    // What the gap swallowed, by range, through the same handler; the position stays where it is.
    at.handed.length = 0
    expect(await repairGap(at.options, 'copies', { where: { _id: { $lt: 2 } } })).toMatchObject({ delivered: 1, complete: true })
    expect(at.handed).toEqual([1])
    expect((await streamStatus(at.options, 'copies')).rev).toBe(status.rev)
    await expect(repairGap(at.options, 'copies', { where: {}, at: new Date(0) })).rejects.toMatchObject({
      code: 'EMPTY_SELECTION',
    })
  })
}

test('a standby whose history is lost lets go of the stream, asks gently, and goes on after an operator’s reset without a restart', async () => {
  await using at = await place()
  await at.insert(1)
  await at.forgets()
  let opens = 0
  const asked: { readonly what: string; readonly at: number }[] = []
  await using client = new MongoClient(at.uri, { monitorCommands: true })
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    if (commandName !== 'hello') asked.push({ what: `${commandName} ${command[commandName] as string}`, at: performance.now() })
  })
  await using run = runStream(at.stream, { client, standby: true, observer: { opened: () => (opens += 1) } })
  await expect.poll(() => run.status.phase).toBe('halted')
  await expect
    .poll(async () => await streamStatus(at.options, 'copies'))
    .toMatchObject({ state: 'halted', owner: null, lease: null })
  const before = asked.length
  await expect.poll(() => asked.length).toBeGreaterThan(before + 3)
  // One small question at a time, seconds apart.
  const looks = asked.slice(before)
  expect(looks.map(({ what }) => what)).toEqual(looks.map(() => 'find stream'))
  expect(looks.slice(1).filter((look, i) => look.at - looks[i]!.at < 1500)).toEqual([])
  expect(opens).toBe(0)

  await applyReset(at.options, await planReset(at.options, 'copies', { kind: 'earliest' }), operator)
  await expect.poll(() => run.status.phase).toBe('running')
  await at.insert(2)
  await expect.poll(() => at.handed).toEqual([2])
  expect((await streamStatus(at.options, 'copies')).lastError).toBeNull()
})

test('an idle stream and one whose pipeline lets nothing through survive an oplog that rolls over many times', async () => {
  await using idle = await place()
  await using filtered = await place({ pipeline: [{ $match: { 'fullDocument.wanted': true } }] })
  await using first = runStream(idle.stream, { client: idle.client })
  await using second = runStream(filtered.stream, { client: filtered.client })
  await expect.poll(() => [first.status.phase, second.status.phase]).toEqual(['running', 'running'])
  for (let time = 0; time < 5; time += 1) {
    await filtered.insert(time)
    // A reader may be slower than a writer who fills the whole oplog at once, on a busy machine: then it has lost its place for good reason.
    const between = () => Promise.all([first.whenCaughtUp(), second.whenCaughtUp()])
    await oplogForgets(idle.admin.client, idle.admin, await idle.lastWrite(), { documents: 3, between })
  }
  // The next heartbeats: one from the midst of it, in the second of its last write, may be forgotten by now.
  const last = await idle.lastWrite()
  const positions = () => [first, second].map(({ status }) => status.position!.clusterTime.t > last)
  await expect.poll(positions, { timeout: 40_000 }).toEqual([true, true])
  await Promise.all([first.stop(), second.stop()])
  await idle.insert(1)
  await filtered.db.collection<{ _id: number }>('source').insertOne({ _id: 100, wanted: true } as never)
  await runStream(idle.stream, { client: idle.client, until: 'caught-up' }).done
  await runStream(filtered.stream, { client: filtered.client, until: 'caught-up' }).done
  expect([idle.handed, filtered.handed]).toEqual([[1], [100]])
})
