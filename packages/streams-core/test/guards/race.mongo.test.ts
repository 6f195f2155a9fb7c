import { Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { apply, expectedVersion, insertOnce, isVersionTooEarly, upsertProjection } from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import type { Write } from '../../src/write.js'

const side = 16
const mostRounds = 400

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

/** Many at once ask for the same document, again and again, until a duplicate key came or it is enough. Gives the rounds, and how many came. */
async function races({ db }: TestDatabase, one: (nombre: string, i: number) => Promise<unknown>, rounds: number) {
  await db.collection('target').createIndex({ nombre: 1 }, { unique: true })
  for (let round = 1; ; round += 1) {
    const settled = await Promise.allSettled(Array.from({ length: side }, (_, i) => one(`${one.name}${round}`, i)))
    const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    const duplicates = failures.filter((error) => (error as { code?: unknown }).code === 11000)
    expect(failures.filter((error) => !duplicates.includes(error) && !isVersionTooEarly(error))).toEqual([])
    if (duplicates.length > 0 || round === rounds) return { rounds: round, duplicates: duplicates.length }
  }
}

test.each(Object.entries(guards))(
  '%s: of two racing upserts the one that loses finds the other’s document at its second try; written once, it fails with 11000',
  async (_guard, write: (nombre: string, i: number) => Write) => {
    await using place = await testDatabase(inject('mongoUri'))
    const target = place.db.collection('target')
    const naive = async (nombre: string, i: number) => {
      const { target: _target, guard: _kind, ...model } = write(nombre, i)
      await target.bulkWrite([model])
    }
    const lost = await races(place, naive, mostRounds)
    expect(lost.duplicates).toBeGreaterThan(0)
    const context = { target: () => target, session: undefined } as unknown as Parameters<typeof apply>[0]
    const guarded = async (nombre: string, i: number) => void (await apply(context, write(nombre, i)))
    expect(await races(place, guarded, Math.max(10, lost.rounds))).toMatchObject({ duplicates: 0 })
  },
  60_000,
)
