import { describe, expect, test } from 'vitest'
import { history, pauseStream, resumeStream, streamStatus } from '../../src/admin/index.js'
import { caught, setting } from './setting.js'

const mail = { by: 'tester', reason: 'mail is down', until: null }
const soon = (ms: number) => new Date(Date.now() + ms)

describe('a pause', () => {
  test('is seen at once by everybody who looks, and leaves position, rev and epoch as they are', async () => {
    await using at = await setting()
    await at.run()
    const { rev, epoch, token } = await at.state()
    expect(await pauseStream(at.options, 'copies', mail)).toEqual({ before: null, owner: null, halt: null })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({
      state: 'paused',
      paused: 'mail is down',
      pausedUntil: null,
      pauseSeenAt: null,
    })
    expect(await at.state()).toMatchObject({ rev, epoch, token })
  })

  test('is over by itself at its time: nobody has to take it back', async () => {
    await using at = await setting()
    await at.run()
    const serverTime = async () => (await at.place.db.command({ hello: 1 }))['localTime'] as Date
    const late = soon(3_600_000)
    await pauseStream(at.options, 'copies', { ...mail, until: late })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'paused', pausedUntil: late })
    const until = new Date((await serverTime()).getTime() + 2500)
    await pauseStream(at.options, 'copies', { ...mail, until })
    // Whatever a look takes: one that has ended by then sees it, one that begins later does not.
    let over = false
    while (!over) {
      over = (await serverTime()) >= until
      const { state, pausedUntil } = await streamStatus(at.options, 'copies')
      if ((await serverTime()) < until) expect({ state, pausedUntil }).toEqual({ state: 'paused', pausedUntil: until })
      if (over) expect({ state, pausedUntil }).toEqual({ state: 'stopped', pausedUntil: null })
    }
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ paused: null, pausedUntil: null })
  })

  test('and its end stand in the history, with who and why', async () => {
    await using at = await setting()
    await at.run()
    await pauseStream(at.options, 'copies', { ...mail, until: new Date('2199-01-01T00:00:00Z') })
    const { before } = await resumeStream(at.options, 'copies', { by: 'maria', reason: 'mail is back' })
    expect(before).toEqual({ reason: 'mail is down', until: new Date('2199-01-01T00:00:00Z') })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'stopped', paused: null })
    expect(await history(at.options, 'copies')).toMatchObject([
      { action: 'resume', by: 'maria', reason: 'mail is back' },
      { action: 'pause', by: 'tester', reason: 'mail is down (until 2199-01-01T00:00:00.000Z)' },
      { action: 'start' },
    ])
  })

  test('that ended in the past is refused, as is one of a stream that never started or does not exist', async () => {
    await using at = await setting()
    expect(await caught(pauseStream(at.options, 'copies', mail))).toMatchObject({ code: 'NOTHING_SAVED', exit: 4 })
    await at.run()
    expect(await caught(pauseStream(at.options, 'copies', { ...mail, until: soon(-60_000) }))).toMatchObject({ code: 'USAGE' })
    expect(await caught(pauseStream(at.options, 'nobody', mail))).toMatchObject({ code: 'UNKNOWN_STREAM' })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ paused: null })
  })
})

test('resuming what is not paused writes nothing', async () => {
  await using at = await setting()
  await at.run()
  const before = await at.state()
  expect(await resumeStream(at.options, 'copies', { by: 'maria', reason: null })).toEqual({
    before: null,
    owner: null,
    halt: null,
  })
  expect(await at.state()).toEqual(before)
  expect((await history(at.options, 'copies')).map(({ action }) => action)).toEqual(['start'])
})
