// An operator's pause while a worker runs: what is in hand is finished, nothing more is handed over, the lease stays.
import { describe, expect, test } from 'vitest'
import { history, pauseStream, resumeStream, streamStatus } from '../src/admin/index.js'
import { type Change, runStream } from '../src/index.js'
import { insertOnce } from '../src/guards/index.js'
import { type Setting, caught, setting, statusWithLag } from './admin/setting.js'

const mail = { by: 'tester', reason: 'mail is down', until: null }
const seen = async (at: Setting) => (await streamStatus(at.options, 'copies')).pauseSeenAt !== null

describe('a running worker', () => {
  test('finishes and saves what it has in hand, hands nothing more over, and goes on where it was', async () => {
    let release!: () => void
    const inHand = new Promise<void>((resolve) => (release = resolve))
    const handed: unknown[] = []
    await using at = await setting({
      handle: async ({ documentKey }) => {
        handed.push(documentKey?._id)
        if (documentKey?._id === 'slow') await inHand
      },
      concurrency: 1,
    })
    let renewals = 0
    const passing = ({ point }: { readonly point: string }) => void (point === 'lease.renewed' && (renewals += 1))
    await using handle = runStream(at.stream, { client: at.place.client, leaseTtlMs: 6000, observer: { passing } })
    await handle.whenCaughtUp()
    await at.insert('slow', 'next')
    await expect.poll(() => handed).toEqual(['slow'])
    await pauseStream(at.options, 'copies', mail)
    // The negative control of the acknowledgement: it must not come while something is in hand. Meanwhile the worker renews its lease
    // every two seconds, and it would look every second.
    await expect.poll(async () => (await streamStatus(at.options, 'copies')).state).toBe('paused')
    const before = renewals
    await expect.poll(() => renewals).toBeGreaterThan(before + 1)
    expect(await seen(at)).toBe(false)
    release()
    await expect.poll(() => seen(at)).toBe(true)
    expect(handle.status.phase).toBe('paused')
    expect(handed).toEqual(['slow'])
    const { owner, lease, lagMs } = await statusWithLag(at.options)
    expect({ owner, held: lease !== null, behind: (lagMs ?? 0) > 0 }).toEqual({
      owner: handle.status.owner,
      held: true,
      behind: true,
    })
    expect(await caught(runStream(at.stream, { client: at.place.client }).done)).toMatchObject({ code: 'LEASE_HELD' })

    await resumeStream(at.options, 'copies', { by: 'maria', reason: null })
    await expect.poll(() => handed).toEqual(['slow', 'next'])
    expect(handle.status.phase).toBe('running')
    expect((await history(at.options, 'copies')).map(({ action }) => action)).toEqual(['resume', 'pause', 'start'])
  })

  test('goes on by itself when the time is over', async () => {
    let handedAt: number | null = null
    await using at = await setting({ handle: () => void (handedAt = Date.now()) })
    await using handle = runStream(at.stream, { client: at.place.client })
    await handle.whenCaughtUp()
    await pauseStream(at.options, 'copies', mail)
    await expect.poll(() => seen(at)).toBe(true)
    await at.insert(1)
    expect(handedAt).toBeNull()
    const until = new Date(Date.now() + 2500)
    await pauseStream(at.options, 'copies', { ...mail, until })
    await expect.poll(() => handedAt).not.toBeNull()
    expect(handedAt).toBeGreaterThanOrEqual(until.getTime())
  })

  test('stops cleanly while it is paused', async () => {
    await using at = await setting()
    const handle = runStream(at.stream, { client: at.place.client })
    await handle.whenCaughtUp()
    await pauseStream(at.options, 'copies', mail)
    await expect.poll(() => seen(at)).toBe(true)
    await handle.stop()
    expect(await handle.done).toMatchObject({ reason: 'stopped' })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'paused', owner: null })
  })

  test('that starts on a paused stream waits too, and a projection with it', async () => {
    await using at = await setting({
      handle: undefined,
      targets: { copies: { collection: 'copies' } },
      project: ({ documentKey }: Change) => [insertOnce({ target: 'copies', document: { _id: documentKey?._id } })],
    } as object)
    await at.run()
    await at.insert(1, 2, 3)
    await pauseStream(at.options, 'copies', mail)
    await using handle = runStream(at.stream, { client: at.place.client })
    await expect.poll(() => seen(at)).toBe(true)
    const count = async () => await at.place.db.collection('copies').countDocuments()
    expect(await count()).toBe(0)
    await resumeStream(at.options, 'copies', { by: 'maria', reason: null })
    await expect.poll(count).toBe(3)
    await pauseStream(at.options, 'copies', mail)
    await expect.poll(() => handle.status.phase).toBe('paused')
    await at.insert(4)
    expect(await count()).toBe(3)
  })
})
