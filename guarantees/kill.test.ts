import { expect, test } from 'vitest'
import { count } from './harness/count.js'
import { ownServer } from './own.js'

const own = ownServer()
const moments = [40, 130, 5, 220, 75, 0, 160, 30]
const none = { lost: 0, stuck: 0, doubled: 0 }
const timeout = 240_000

for (const mode of ['project', 'guarded'] as const) {
  test(
    `exactly once: a ${mode} stream that is killed at any moment loses no change and does none twice`,
    { timeout },
    async () => {
      await using trial = await own.trial(mode)
      for (const ms of moments) await trial.killAfter(ms)
      expect(await trial.verdict()).toMatchObject({ ...none, kills: moments.length })
    },
  )
}

test(
  'at least once: a handler that is killed at any moment loses no change, and repeats at most the one in hand at each kill',
  { timeout },
  async () => {
    await using trial = await own.trial('handle')
    for (const ms of moments) await trial.killAfter(ms)
    const verdict = await trial.verdict()
    expect(verdict).toMatchObject(none)
    expect(verdict.repeated).toBeLessThanOrEqual(moments.length)
  },
)

test(
  'at least once: handlers side by side that are killed at any moment lose no change; their guarded effects are done once',
  { timeout },
  async () => {
    await using trial = await own.trial('lanes')
    for (const ms of moments) await trial.killAfter(ms)
    expect(await trial.verdict()).toMatchObject({ ...none, kills: moments.length })
  },
)

test(
  'the checker notices: the plain loop (effect, then token), killed between the two, does the change twice',
  { timeout },
  async () => {
    await using trial = await own.trial('effect first')
    await trial.kill({ point: 'bulk.effectsWritten', nth: 3 })
    await trial.kill({ point: 'bulk.effectsWritten', nth: 3 })
    expect(await count(trial.database.rootUri, 'effect first')).toMatchObject({ lost: 0, doubled: 1, exit: 1 })
  },
)

test(
  'the checker notices: the plain loop (token, then effect), killed between the two, loses the change',
  { timeout },
  async () => {
    await using trial = await own.trial('token first')
    await trial.kill({ point: 'checkpoint.saved', nth: 3 })
    await trial.kill({ point: 'checkpoint.saved', nth: 3 })
    expect(await count(trial.database.rootUri, 'token first')).toMatchObject({ lost: 1, doubled: 0, exit: 1 })
  },
)
