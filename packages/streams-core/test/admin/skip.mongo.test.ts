import { expect, inject, test } from 'vitest'
import {
  type AdminOptions,
  applyReset,
  history,
  listLetters,
  planLetters,
  planReset,
  planSkip,
  redriveLetters,
  skipChange,
  streamStatus,
} from '../../src/admin/index.js'
import type { Change } from '../../src/change.js'
import { type Context, isStreamError, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import {
  type Given,
  Handled,
  type Step,
  anchor,
  documentOf,
  letters,
  parking,
  poison,
  shown,
  write,
} from '../runtime/parkingSetting.js'
import { caught, operator } from './setting.js'

const who = { by: 'ana', reason: 'no such event' }
const open = () => testDatabase(inject('mongoUri'))
const isPoison = ({ key, n }: Step) => key === 'b' && n === 1
const adminOf = ({ client }: TestDatabase, options: Given): AdminOptions => ({
  client,
  streams: [parking(options)],
})

/** A stream that a change of `b` has halted, behind which later ones of all keys wait. Gives the token that its error names. */
async function halted(place: TestDatabase, options: Given): Promise<string> {
  await anchor(place, options)
  await write(place, ['a', 'b', 'c'], 4)
  const error = await caught(anchor(place, options))
  if (!isStreamError(error, 'HANDLER_FAILED')) throw error
  return error.details['token'] as string
}

/** Stops at the poison while it is broken. */
function stopping() {
  const handled = new Handled()
  const so = { broken: true }
  const replays: [number, boolean][] = []
  const fails = (step: Step) => so.broken && isPoison(step)
  const options: Given = {
    onError: 'stop',
    concurrency: 1,
    handle: async (change: Change<Step>, { replay }: Context) => {
      if (fails(documentOf(change))) throw poison
      handled.add(documentOf(change))
      replays.push([documentOf(change)._id, replay])
    },
  }
  return { handled, so, options, replays, fails }
}

test('rule 10: skip parks the change that halts a stream, with its position and its row in the history; the stream goes on, and the key’s later changes are held', async () => {
  await using place = await open()
  const { options, handled, so } = stopping()
  const token = await halted(place, options)
  const admin = adminOf(place, options)
  expect(await streamStatus(admin, 's')).toMatchObject({ state: 'halted', parked: 0, lastError: { token } })
  const plan = await planSkip(admin, 's', token)
  expect(plan).toMatchObject({ documentId: 4, before: 0, owner: null, letter: { state: 'parked', operationType: 'insert' } })
  expect(plan.to.token).toBe(token)
  expect(await letters(place)).toEqual([])
  const { rev } = await skipChange(admin, plan, who)
  expect(await streamStatus(admin, 's')).toMatchObject({ state: 'stopped', rev, position: { token }, parked: 1, lastError: null })
  const [row] = await history(admin, 's')
  expect(row).toMatchObject({ action: 'skip', ...who, rev, before: plan.from, after: plan.to })

  expect(await anchor(place, options)).toMatchObject({ handled: 5, held: 2, parked: 0 })
  expect(Object.fromEntries(handled.of)).toEqual({ a: [0, 1, 2, 3], b: [0], c: [0, 1, 2, 3] })
  expect(shown(await letters(place))).toEqual([
    [4, 'parked'],
    [7, 'held'],
    [10, 'held'],
  ])
  expect(await listLetters(admin, 's', { error: 'SKIPPED' })).toMatchObject([
    { id: plan.id, error: { name: 'Error', class: 'poison' } },
  ])

  so.broken = false
  expect(await redriveLetters(admin, await planLetters(admin, 's', { ids: [plan.id] }), who)).toMatchObject({
    redriven: 3,
    left: 0,
  })
  expect(handled.of.get('b')).toEqual([0, 1, 2, 3])
})

test('a skipped change of a projection is put aside in the same way, and its writes are done once when it is put back', async () => {
  await using place = await open()
  const { so, fails } = stopping()
  const options: Given = {
    onError: 'stop',
    project: (change: Change<Step>) => {
      const step = documentOf(change)
      if (fails(step)) throw poison
      return [{ target: 'target', updateOne: { filter: { _id: step.key }, update: { $push: { steps: step.n } }, upsert: true } }]
    },
  }
  const admin = adminOf(place, options)
  await skipChange(admin, await planSkip(admin, 's', await halted(place, options)), who)
  expect(await anchor(place, options)).toMatchObject({ handled: 5, held: 2 })
  so.broken = false
  await redriveLetters(admin, await planLetters(admin, 's', {}), who)
  const target = place.db.collection<{ _id: string; steps: number[] }>('target')
  expect(await target.find().sort({ _id: 1 }).toArray()).toEqual(['a', 'b', 'c'].map((_id) => ({ _id, steps: [0, 1, 2, 3] })))
})

test('unsettled changes before the skipped one are not passed over: the position stays, they are handled, it is not', async () => {
  await using place = await open()
  const { options, handled } = stopping()
  const admin = adminOf(place, options)
  await anchor(place, options)
  const { token: start } = (await streamStatus(admin, 's')).position!
  const token = await halted(place, options)
  // As lanes leave it that had other keys in hand.
  await applyReset(admin, await planReset(admin, 's', { kind: 'token', token: start }), operator)
  const plan = await planSkip(admin, 's', token)
  expect(plan).toMatchObject({ before: 4, to: { token: start } })
  await skipChange(admin, plan, who)
  expect(await streamStatus(admin, 's')).toMatchObject({ position: { token: start }, parked: 1 })
  handled.of.clear()
  await anchor(place, options)
  expect(Object.fromEntries(handled.of)).toEqual({ a: [0, 1, 2, 3], b: [0], c: [0, 1, 2, 3] })
})

test('rule 28: put back and rewound over, a skipped change is a replay like its neighbours: as a jump it would come as never seen, and its mail go twice', async () => {
  await using place = await open()
  const { options, so, replays } = stopping()
  const token = await halted(place, options)
  const admin = adminOf(place, options)
  const { from } = await planSkip(admin, 's', token)
  await skipChange(admin, await planSkip(admin, 's', token), who)
  so.broken = false
  await redriveLetters(admin, await planLetters(admin, 's', {}), who)
  await anchor(place, options)
  await applyReset(admin, await planReset(admin, 's', { kind: 'token', token: from.token }), operator)
  replays.length = 0
  await anchor(place, options)
  expect(replays).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map((_id) => [_id, true]))
})

test('its undo: a reset to prev brings the position back, and the change stays parked until it is put back', async () => {
  await using place = await open()
  const { options, handled } = stopping()
  const token = await halted(place, options)
  const admin = adminOf(place, options)
  const plan = await planSkip(admin, 's', token)
  await skipChange(admin, plan, who)
  await applyReset(admin, await planReset(admin, 's', { kind: 'prev' }), operator)
  expect((await streamStatus(admin, 's')).position!.token).toBe(plan.from.token)
  await anchor(place, options)
  expect(handled.of.get('b')).toEqual([0])
  expect(shown(await letters(place))).toHaveLength(3)
})

test('nothing is skipped while a worker holds the stream, nor by a plan that somebody overtook', async () => {
  await using place = await open()
  const { options, so } = stopping()
  const token = await halted(place, options)
  const admin = adminOf(place, options)
  const plan = await planSkip(admin, 's', token)
  expect(await caught(skipChange(admin, plan, { ...who, ifRev: plan.rev + 1 }))).toMatchObject({
    code: 'POSITION_MOVED',
    exit: 5,
  })
  so.broken = false
  await using run = runStream(parking(options), { client: place.client })
  await run.whenCaughtUp()
  expect(await caught(skipChange(admin, plan, who))).toMatchObject({ code: 'LEASE_HELD', exit: 5 })
  await run.stop()
  expect(await caught(skipChange(admin, plan, who))).toMatchObject({ code: 'POSITION_MOVED', exit: 5 })
  expect(await letters(place)).toEqual([])
})

test('what is no unsettled change of the stream, has no key, or nobody knows, cannot be skipped', async () => {
  await using place = await open()
  const { options } = stopping()
  const token = await halted(place, options)
  const admin = adminOf(place, options)
  const { from } = await planSkip(admin, 's', token)
  const refused = async (text: string, by = admin) => await caught(planSkip(by, 's', text))
  expect(await refused(from.token)).toMatchObject({ code: 'TOKEN_UNUSABLE', exit: 6 })
  expect(await refused('82zz')).toMatchObject({ code: 'TOKEN_UNUSABLE', exit: 6 })
  expect(await refused(`${token.slice(0, -4)}FF04`)).toMatchObject({ code: 'TOKEN_UNUSABLE', exit: 6 })
  expect(await refused(token, adminOf(place, { ...options, key: () => undefined }))).toMatchObject({
    code: 'PARK_FAILED',
    exit: 7,
  })
  expect(await refused(token, { ...admin, streams: [] })).toMatchObject({ code: 'UNKNOWN_STREAM', exit: 4 })
  expect(await letters(place)).toEqual([])
})
