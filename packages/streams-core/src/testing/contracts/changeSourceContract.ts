import assert from 'node:assert/strict'
import { beginBackfill, behindDocument } from '../../core/backfill.js'
import type { Position } from '../../core/position.js'
import type { ChangeReader, ChangeSource, Delivered, Scanned } from '../../ports.js'
import { type ContractCase, contractCases } from './contractCases.js'

export interface ChangeSourceFixture extends AsyncDisposable {
  readonly source: ChangeSource
  insert(id: string): Promise<void>
  /** Drops what is watched. */
  drop(): Promise<void>
}

const never = new AbortController().signal

/** What every ChangeSource promises; runs against memory and MongoDB. */
export function changeSourceContract(make: () => Promise<ChangeSourceFixture>): readonly ContractCase[] {
  const { cases, test } = contractCases()

  async function take(reader: ChangeReader, count: number): Promise<Delivered[]> {
    const taken: Delivered[] = []
    while (taken.length < count) {
      const read = await reader.next(never)
      if (read.kind === 'changes') taken.push(...read.changes)
      if (read.kind === 'invalidated') throw new Error('invalidated')
    }
    return taken
  }
  async function existing(source: ChangeSource, from: Position): Promise<Pick<Scanned, 'documents' | 'position'>> {
    await using scan = await source.scan(from)
    const documents: Delivered[] = []
    for (;;) {
      const scanned = await scan.next(never)
      documents.push(...scanned.documents)
      if (scanned.done) return { documents, position: scanned.position }
    }
  }
  const ids = (changes: readonly Delivered[]) => changes.map(({ change }) => change.documentKey?._id)

  test('what is written after an anchor is read from it, in order, each change with a position of its own', async () => {
    await using fixture = await make()
    await fixture.insert('before')
    const anchor = await fixture.source.anchor('now')
    await fixture.insert('a')
    await fixture.insert('b')
    await using reader = await fixture.source.open(anchor)
    const taken = await take(reader, 2)
    assert.deepEqual(ids(taken), ['a', 'b'])
    assert.equal(taken[0]!.position.by, 'own')
    assert.equal(anchor.token < taken[0]!.position.token && taken[0]!.position.token < taken[1]!.position.token, true)
  })

  test('reading goes on after the position of a change, whether it is own or foreign', async () => {
    await using fixture = await make()
    const anchor = await fixture.source.anchor('now')
    for (const id of ['a', 'b', 'c']) await fixture.insert(id)
    const positions = await (async () => {
      await using reader = await fixture.source.open(anchor)
      return (await take(reader, 3)).map(({ position }) => position)
    })()
    for (const by of ['own', 'foreign'] as const) {
      await using reader = await fixture.source.open({ ...positions[0]!, by })
      assert.deepEqual(ids(await take(reader, 2)), ['b', 'c'])
    }
  })

  test('an anchor at a past time gives what was written from then on', async () => {
    await using fixture = await make()
    const now = await fixture.source.anchor('now')
    await fixture.insert('a')
    const past = await fixture.source.anchor(now.clusterTime)
    await using reader = await fixture.source.open(past)
    assert.deepEqual(ids(await take(reader, 1)), ['a'])
  })

  test('a quiet reader has reached the server’s time, so that a caller knows it has caught up', async () => {
    await using fixture = await make()
    const anchor = await fixture.source.anchor('now')
    await fixture.insert('a')
    const time = await fixture.source.serverTime()
    await using reader = await fixture.source.open(anchor)
    await take(reader, 1)
    for (;;) {
      assert.equal((await reader.next(never)).kind, 'quiet')
      const reached = reader.reached?.clusterTime
      if (reached !== undefined && (reached.t > time.t || (reached.t === time.t && reached.i >= time.i))) break
    }
  })

  test('a scan gives the documents that exist, in the order of their _ids, each as an insert; it goes on behind any of them', async () => {
    await using fixture = await make()
    for (const id of ['c', 'a', 'e', 'b', 'd']) await fixture.insert(id)
    const anchor = await fixture.source.anchor('now')
    const all = await existing(fixture.source, beginBackfill(anchor, 'start', new Date(0)))
    assert.deepEqual(ids(all.documents), ['a', 'b', 'c', 'd', 'e'])
    assert.deepEqual(
      all.documents.map(({ change }) => change.operationType),
      Array.from({ length: 5 }, () => 'insert'),
    )
    const tokens = [anchor, ...all.documents.map(({ position }) => position), all.position].map(({ token }) => token)
    assert.deepEqual(tokens, [...tokens].sort())
    await fixture.insert('f')
    // As of the same moment: what is written since comes live.
    assert.deepEqual(ids((await existing(fixture.source, all.documents[1]!.position)).documents), ['c', 'd', 'e'])
    await using reader = await fixture.source.open(all.position)
    assert.deepEqual(ids(await take(reader, 1)), ['f'])
  })

  test('a document of a scan can be read once more', async () => {
    await using fixture = await make()
    await fixture.insert('a')
    const from = beginBackfill(await fixture.source.anchor('now'), 'start', new Date(0))
    const { documents } = await existing(fixture.source, from)
    const found = await fixture.source.existing(documents[0]!.position)
    assert.deepEqual(found?.change.documentKey, { _id: 'a' })
    assert.equal(found?.position.token, documents[0]!.position.token)
    const gone = behindDocument(from, 'b', from.clusterTime, true)
    assert.equal(await fixture.source.existing(gone), null)
  })

  test('an abort ends a waiting read with the signal’s reason', async () => {
    await using fixture = await make()
    await using reader = await fixture.source.open(await fixture.source.anchor('now'))
    const stop = new AbortController()
    const reason = new Error('enough')
    const reading = (async () => {
      for (;;) await reader.next(stop.signal)
    })()
    stop.abort(reason)
    await assert.rejects(reading, (error) => error === reason)
  })

  test('a dropped collection ends in invalidated, with a position after which reading goes on', async () => {
    await using fixture = await make()
    const anchor = await fixture.source.anchor('now')
    await fixture.insert('a')
    await fixture.drop()
    const end = await (async () => {
      await using reader = await fixture.source.open(anchor)
      for (;;) {
        const read = await reader.next(never)
        if (read.kind === 'invalidated') return read.position
      }
    })()
    await fixture.insert('b')
    await using reader = await fixture.source.open(end)
    assert.deepEqual(ids(await take(reader, 1)), ['b'])
  })

  return cases
}
