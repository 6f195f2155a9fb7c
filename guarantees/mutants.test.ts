// The rules of the protocol that need a real server to fail: with the rule taken out of the worker, the same checker says lost, doubled or stuck.
import { expect, test } from 'vitest'
import { ownServer } from './own.js'

const own = ownServer()
const none = { lost: 0, stuck: 0, doubled: 0 }
const timeout = 240_000
// Orphaned transactions live for a minute: a few seconds tell.
const stuckAfterMs = 3000

test(
  'rule 9: without killing the former sessions, a worker killed in its transaction leaves the stream stuck',
  { timeout },
  async () => {
    await using trial = await own.trial('project', { mutant: 'noKillSessions', stuckAfterMs })
    await trial.kill({ point: 'start.created', nth: 1 })
    await trial.kill({ point: 'transaction.checkpointWritten', nth: 2 })
    expect((await trial.verdict()).stuck).toBeGreaterThan(0)
  },
)

test('rule 11: an answer that is lost ten times doubles nothing', { timeout }, async () => {
  await using trial = await own.trial('project')
  await trial.kill({ point: 'start.created', nth: 1 })
  await trial.kill({ point: 'transaction.committed', nth: 3, fault: 'unknownCommit' })
  expect(await trial.verdict()).toMatchObject(none)
})

test('rule 11: with the epoch alone, without rev, a commit whose answer is lost is done again', { timeout }, async () => {
  await using trial = await own.trial('project', { mutant: 'epochOnly' })
  await trial.kill({ point: 'start.created', nth: 1 })
  await trial.kill({ point: 'transaction.committed', nth: 3, fault: 'unknownCommit' })
  expect((await trial.verdict()).doubled).toBeGreaterThan(0)
})

test('rule 13: a zombie with the checkpoint first never comes to its effects', { timeout }, async () => {
  await using trial = await own.trial('project')
  await trial.kill({ point: 'start.created', nth: 1 })
  expect(await trial.zombie(inItsTransaction)).toMatchObject({ code: 'FENCED' })
  expect(await trial.verdict()).toMatchObject(none)
})

test(
  'rule 13: with the checkpoint last, a zombie that freezes again holds the targets of its successor',
  { timeout },
  async () => {
    await using trial = await own.trial('project', { mutant: 'checkpointLast', stuckAfterMs: 5000 })
    await trial.kill({ point: 'start.created', nth: 1 })
    await expect(trial.zombie(inItsTransaction)).resolves.toMatchObject({ code: 'frozen again' })
    expect((await trial.verdict()).stuck).toBeGreaterThan(0)
  },
)

test('rule 15: bulk writes without a guard, killed before their checkpoint, are done twice', { timeout }, async () => {
  await using trial = await own.trial('unguarded')
  await trial.kill({ point: 'start.created', nth: 1 })
  await trial.kill({ point: 'bulk.effectsWritten', nth: 3 })
  expect((await trial.verdict()).doubled).toBeGreaterThan(0)
})

const inItsTransaction = {
  point: 'handler.done',
  nth: 1,
  onlyOne: true,
  ttlMs: 400,
  thaw: 'fenced',
  again: 'effects.partWritten',
} as const
