import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isBeforeOwner, movePoints, pointsOf } from './harness/places.js'
import { add, isGood, noFigures, percentile, report } from './soak/report.js'
import { type Round, schedule } from './soak/schedule.js'

const timeout = 360_000
const program = fileURLToPath(new URL('./dist/soak/main.js', import.meta.url))

async function soak(...args: readonly string[]): Promise<{ readonly lines: readonly string[]; readonly exit: number }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const [exit] = (await once(child, 'close')) as [number]
  return { lines: out.trimEnd().split('\n'), exit }
}

test(
  'a short soak over all kinds of streams loses nothing, doubles nothing, leaves nothing stuck, and says so last',
  { timeout },
  async () => {
    const { lines, exit } = await soak('--kills', '30', '--zombies', '4', '--seed', '4', '--stuck-after-ms', '60000')
    expect(lines.at(-1)).toMatch(/^lost 0, doubled 0, stuck 0, takeover p50 \d+ ms p99 \d+ ms$/)
    expect(lines[0]).toBe('npm run soak -- --kills 30 --zombies 4 --seed 4')
    expect(exit).toBe(0)
  },
)

test(
  'the soak notices: with a rule of the protocol left out it exits 1 and says how to do the same again',
  { timeout },
  async () => {
    const options = { kills: 30, zombies: 0 }
    const dies = ({ kind, ...round }: Round) =>
      kind === 'kill' && 'point' in round && round.point === 'transaction.checkpointWritten'
    const seed = Array.from({ length: 100 }, (_, seed) => seed).find((seed) =>
      schedule({ ...options, seed })[0]!
        .rounds.slice(2, 5)
        .some(dies),
    )!
    const args = [
      '--kills',
      '30',
      '--zombies',
      '0',
      '--seed',
      String(seed),
      '--mutant',
      'noKillSessions',
      '--stuck-after-ms',
      '4000',
    ]
    const { lines, exit } = await soak(...args)
    expect(lines.at(-1)).toMatch(/^lost 0, doubled 0, stuck [1-9]\d*, takeover /)
    expect(lines).toContain(`npm run soak -- --kills 30 --zombies 0 --seed ${seed} --chapter 1 does this chapter again`)
    expect(exit).toBe(1)
  },
)

test('a soak is reproducible: the decisions come from the seed alone', () => {
  const options = { kills: 200, zombies: 20 }
  expect(schedule({ ...options, seed: 7 })).toEqual(schedule({ ...options, seed: 7 }))
  expect(schedule({ ...options, seed: 7 })).not.toEqual(schedule({ ...options, seed: 8 }))
})

test('a soak of 1,000 kills and 100 zombies kills each mode at each of its points, freezes each mode at each, and kills operators at theirs', () => {
  const chapters = schedule({ kills: 1000, zombies: 100, seed: 1 })
  const rounds = chapters.flatMap(({ rounds }) => rounds)
  expect(rounds).toHaveLength(1000)
  expect(rounds.filter(({ kind }) => kind === 'zombie')).toHaveLength(100)
  for (const mode of ['project', 'guarded', 'handle', 'lanes'] as const) {
    const own = chapters.filter((chapter) => chapter.mode === mode).flatMap((chapter) => chapter.rounds)
    const at = (wanted: Round['kind']) =>
      new Set(own.flatMap((round) => (round.kind === wanted && 'point' in round ? [round.point] : [])))
    expect(at('kill')).toEqual(new Set(pointsOf(mode)))
    expect(at('zombie')).toEqual(new Set(pointsOf(mode).filter((point) => !isBeforeOwner(point))))
    if (mode === 'guarded') expect(at('move')).toEqual(new Set(movePoints))
  }
})

test('the report: its last line adds up all chapters, and one loss is enough for a failure', () => {
  const figures = noFigures()
  figures.afterKill.push(30, 10, 20)
  figures.afterFreeze.push(400)
  const examples = { lost: [], stuck: [], doubled: [] }
  const clean = { examples, source: 10, lost: 0, stuck: 0, doubled: 0, repeated: 2, kills: 3, zombies: 1 }
  add(figures, clean)
  expect(isGood(figures)).toBe(true)
  expect(report(figures).at(-1)).toBe('lost 0, doubled 0, stuck 0, takeover p50 20 ms p99 400 ms')
  add(figures, { ...clean, lost: 1 })
  expect(isGood(figures)).toBe(false)
  expect(report(figures).at(-1)).toBe('lost 1, doubled 0, stuck 0, takeover p50 20 ms p99 400 ms')
  expect([percentile([], 0.5), percentile([5], 0.99)]).toEqual([0, 5])
})
