import { type Collection, Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { apply, expectedVersion, insertOnce, isVersionTooEarly, upsertProjection } from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import type { Write } from '../../src/write.js'
import { caught } from '../admin/setting.js'

const side = 16
const rounds = 10

// The server tries a losing upsert again by itself where the key is exactly that of the index.
const key = (nombre: string) => ({ nombre, lugar: 'x' })
const clusterTime = new Timestamp({ t: 1, i: 1 })
const guards = {
  insertOnce: (nombre: string) => insertOnce({ target: 'target', key: key(nombre), document: key(nombre) }),
  upsertProjection: (nombre: string, i: number) =>
    upsertProjection(
      { stream: 's', token: `82${String(i).padStart(4, '0')}`, clusterTime },
      { target: 'target', key: key(nombre), document: { ...key(nombre), i } },
    ),
  expectedVersion: (nombre: string) => expectedVersion({ target: 'target', key: key(nombre), version: 1, document: key(nombre) }),
}

function modelOf(write: Write) {
  const { target: _target, guard: _kind, ...model } = write
  return model
}

/** Two upserts of one document, of which `loser` has found none and meets the other's, which is committed only then. Gives what became of it. */
async function lost({ client, admin, name }: TestDatabase, winner: Write, loser: () => Promise<unknown>): Promise<unknown> {
  await using session = client.startSession()
  session.startTransaction({ writeConcern: { w: 'majority' } })
  await client
    .db()
    .collection('target')
    .bulkWrite([modelOf(winner)], { session })
  const losing = caught(loser())
  const conflicts = () =>
    admin.client
      .db('admin')
      .aggregate([{ $currentOp: { allUsers: true } }, { $match: { ns: `${name}.target`, writeConflicts: { $gt: 0 } } }])
      .toArray()
  await expect.poll(conflicts).not.toEqual([])
  await session.commitTransaction()
  return await losing
}

/** Many at once ask for the same document, again and again. */
async function races(one: (nombre: string, i: number) => Promise<unknown>): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const settled = await Promise.allSettled(Array.from({ length: side }, (_, i) => one(`race ${round}`, i)))
    const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(failures.filter((error) => !isVersionTooEarly(error))).toEqual([])
  }
}

test.each(Object.entries(guards))(
  '%s: of two racing upserts the one that loses finds the other’s document at its second try; written once, it fails with 11000',
  async (_guard, write: (nombre: string, i: number) => Write) => {
    await using place = await testDatabase(inject('mongoUri'))
    const target: Collection = place.db.collection('target')
    await target.createIndex({ nombre: 1 }, { unique: true })
    expect(await lost(place, write('naive', 1), () => target.bulkWrite([modelOf(write('naive', 2))]))).toMatchObject({
      code: 11000,
    })
    const context = { target: () => target, session: undefined } as unknown as Parameters<typeof apply>[0]
    const guarded = (nombre: string, i: number) => apply(context, write(nombre, i))
    expect(await lost(place, write('guarded', 1), () => guarded('guarded', 2))).toBeNull()
    expect(await target.countDocuments(key('guarded'))).toBe(1)
    await races(guarded)
  },
)
