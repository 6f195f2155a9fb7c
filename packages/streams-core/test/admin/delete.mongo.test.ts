import { describe, expect, test } from 'vitest'
import { applyReset, deleteStream, history, planDelete, planReset, streamNames, streamStatus } from '../../src/admin/index.js'
import { runStream } from '../../src/index.js'
import { caught, operator, setting } from './setting.js'

const who = { by: 'tester', reason: 'retired' }

describe('a deleted stream', () => {
  test('has no position, leaves the list of what is only saved, and begins like a new one', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1)
    await at.run()
    const { rev } = await deleteStream(at.options, await planDelete(at.options, 'copies'), who)
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'new', position: null, rev })
    expect(await streamNames({ ...at.options, streams: [] })).toEqual([])
    await at.insert(2)
    await at.run()
    await at.insert(3)
    await at.run()
    expect(at.handed, 'what came while it was forgotten is not delivered').toEqual([1, 3])
    expect((await history(at.options, 'copies')).map(({ action, after }) => [action, after !== null])).toEqual([
      ['start', true],
      ['delete', false],
      ['start', true],
    ])
  })

  test('comes back where it was by a reset to prev, with its type bits and what it had skipped', async () => {
    await using at = await setting()
    await at.run()
    await at.insert(1.5)
    await at.run()
    const before = await at.state()
    await deleteStream(at.options, await planDelete(at.options, 'copies'), who)
    const undo = await planReset(at.options, 'copies', { kind: 'prev' })
    expect(undo).toMatchObject({ direction: 'none', changes: { count: 0, exact: true } })
    await applyReset(at.options, undo, operator)
    const { token, typeBits, highest, skipped } = await at.state()
    expect({ token, typeBits, highest, skipped }).toEqual({
      token: before['token'],
      typeBits: before['typeBits'],
      highest: before['highest'],
      skipped: before['skipped'],
    })
  })

  test('that began anew and is put back hands over what lay between as never seen', async () => {
    await using at = await setting()
    await at.run()
    await deleteStream(at.options, await planDelete(at.options, 'copies'), who)
    await at.insert('between')
    await at.run()
    await at.insert('after')
    await at.run()
    const back = await planReset(at.options, 'copies', { kind: 'earliest' })
    await applyReset(at.options, back, operator)
    await at.run()
    expect(at.replays).toEqual([
      ['after', false],
      ['between', false],
      ['after', true],
    ])
  })

  test('whose worker did not notice cannot be saved by it any more', async () => {
    await using at = await setting()
    await at.run()
    const plan = await planDelete(at.options, 'copies')
    // A worker of the past: its claim is the one that was saved, its lease is free.
    const claim = { _id: 'copies' as never, epoch: (await at.state())['epoch'], rev: plan.rev }
    await deleteStream(at.options, plan, who)
    const zombie = await at.place.db.collection('stream').updateOne(claim, { $set: { token: '82' } })
    expect(zombie.matchedCount).toBe(0)
    expect((await at.state())['token']).toBeUndefined()
  })

  test('is not deleted while a worker holds it, nor after it moved since the plan', async () => {
    await using at = await setting()
    await at.run()
    const plan = await planDelete(at.options, 'copies')
    await using handle = runStream(at.stream, { client: at.place.client })
    await handle.whenCaughtUp()
    expect(await caught(deleteStream(at.options, plan, who))).toMatchObject({ code: 'LEASE_HELD', exit: 5 })
    await at.insert(1)
    await expect.poll(() => at.handed).toEqual([1])
    await handle.stop()
    expect(await caught(deleteStream(at.options, plan, who))).toMatchObject({ code: 'POSITION_MOVED', exit: 5 })
    expect((await at.state())['token']).toBeDefined()
  })

  test('that was never started, or is deleted already, is NOTHING_SAVED', async () => {
    await using at = await setting()
    expect(await caught(planDelete(at.options, 'copies'))).toMatchObject({ code: 'NOTHING_SAVED' })
    await at.run()
    await deleteStream(at.options, await planDelete(at.options, 'copies'), who)
    expect(await caught(planDelete(at.options, 'copies'))).toMatchObject({ code: 'NOTHING_SAVED', exit: 4 })
  })
})
