import { describe, expect, test } from 'vitest'
import {
  type Importable,
  deleteStream,
  exportPositions,
  history,
  importPosition,
  planDelete,
  planImport,
} from '../../src/admin/index.js'
import { runStream } from '../../src/index.js'
import { type Setting, caught, setting } from './setting.js'

const who = { by: 'tester', reason: null }
async function putBack(at: Setting, positions: readonly Importable[]): Promise<void> {
  for (const plan of await planImport(at.options, positions)) await importPosition(at.options, plan, who)
}

describe.concurrent('positions', () => {
  test('that were exported are put back as they were, type bits included, and read on from there', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1.5)
    await at.run()
    const saved = await exportPositions(at.options)
    await at.insert('later')
    await at.run()
    const plans = await planImport(at.options, saved)
    expect(plans).toMatchObject([{ name: 'copies', direction: 'rewind', changes: { count: 1, exact: true } }])
    await putBack(at, saved)
    expect((await exportPositions(at.options))[0]).toMatchObject({ position: saved[0]?.position })
    await at.run()
    expect(at.handed).toEqual([1.5, 'later', 'later'])
    expect((await history(at.options, 'copies'))[0]).toMatchObject({ action: 'import', by: 'tester' })
  })

  test('of a stream of which nothing is saved, or not any more, are put back too', async () => {
    await using at = await setting()
    await at.run()
    const saved = await exportPositions(at.options)
    await at.insert(1)
    await deleteStream(at.options, await planDelete(at.options, 'copies'), who)
    expect(await planImport(at.options, saved)).toMatchObject([{ direction: 'new' }])
    await at.place.db.collection('stream').deleteMany({})
    expect(await planImport(at.options, saved)).toMatchObject([{ direction: 'new', rev: null }])
    await putBack(at, saved)
    await at.run()
    expect(at.handed).toEqual([1])
  })

  test('are not put under a worker', async () => {
    await using at = await setting()
    await at.run()
    const saved = await exportPositions(at.options)
    await at.insert(1)
    await using handle = runStream(at.stream, { client: at.place.client })
    await handle.whenCaughtUp()
    const [plan] = await planImport(at.options, saved)
    expect(await caught(importPosition(at.options, plan!, who))).toMatchObject({ code: 'LEASE_HELD' })
  })
})

describe.concurrent('refused, with nothing changed,', () => {
  const cases: [string, string, (saved: Importable, at: Setting) => Importable | Promise<Importable>][] = [
    ['an unknown stream', 'UNKNOWN_STREAM', (saved) => ({ ...saved, name: 'nobody' })],
    ['a malformed token', 'TOKEN_UNUSABLE', (saved) => ({ ...saved, position: { ...saved.position, token: '8265zz' } })],
    [
      'the position of a collection that was dropped and created again',
      'TOKEN_UNUSABLE',
      async (saved, at) => {
        await at.place.admin.collection('source').drop()
        await at.place.db.createCollection('source')
        return saved
      },
    ],
    [
      'a position of the future',
      'FUTURE_TIME',
      (saved) => {
        const token = `82F0000000${saved.position.token.slice(10)}`
        return {
          ...saved,
          position: { ...saved.position, token, clusterTime: { t: 0xf0000000, i: saved.position.clusterTime.i } },
        }
      },
    ],
  ]
  test.each(cases)('%s: %s', async (_what, code, spoilt) => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    const [saved] = await exportPositions(at.options)
    const before = await at.state()
    const bad = await spoilt(saved!, at)
    expect(await caught(planImport(at.options, [saved!, bad]))).toMatchObject({ code })
    expect(await at.state()).toEqual(before)
  })
})
