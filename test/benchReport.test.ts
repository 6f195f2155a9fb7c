import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Result } from '../bench/harness/types.js'
import { lookup } from '../bench/report/lookup.js'
import { readResults, render } from '../bench/report/render.js'

const bench = path.join(import.meta.dirname, '..', 'bench')
const readme = readFileSync(path.join(bench, 'README.md'), 'utf8')

const read = (...rates: Readonly<Record<string, number | null>>[]): Result => ({
  suite: 'read',
  command: 'npm run bench -- --only read',
  date: '2026-01-01',
  commit: 'abc',
  machine: { cores: 2, memoryGiB: 24 },
  versions: { Node: '20.20.2' },
  sizes: { changes: 90_000 },
  runs: rates.flatMap((rate, index) =>
    Object.entries(rate).map(([contender, perSecond]) => ({ contender, repetition: index + 1, figures: { perSecond } })),
  ),
  notRun: { Debezium: 'not installed' },
  failed: {},
})

test('bench/README.md and its plot say exactly what bench/results says', () => {
  const rendered = render(readme, readResults(path.join(bench, 'results')))
  expect(readme, 'run npm run bench:report').toBe(rendered.readme)
  expect(readFileSync(path.join(bench, 'results', 'plot.svg'), 'utf8'), 'run npm run bench:report').toBe(rendered.svg)
})

test('another figure gives another README and another plot', () => {
  const one = render(readme, [read({ ours: 100, 'driver next()': 50 })])
  const other = render(readme, [read({ ours: 101, 'driver next()': 50 })])
  expect(one.readme).not.toBe(other.readme)
  expect(one.svg).not.toBe(other.svg)
})

test('a contender that was not run reads so, and a goal that needs it is neither reached nor missed', () => {
  const none = render(readme, [])
  expect(none.readme).toMatch(/\| ours +\| not run/)
  expect(none.readme).not.toMatch(/\| reached|\| \*\*not reached/)
  const without = render(readme, [read({ ours: 100, 'driver next()': 50 })])
  expect(without.readme).toMatch(/\| Debezium +\| not run/)
  expect(without.readme).toContain('Not run: Debezium, not installed.')
  expect(without.readme).toMatch(/≥ 3\.5 × Debezium +\| – +\| not run/)
  expect(without.svg).toContain('not run')
})

test('a goal is reached from its limit on, and missed below', () => {
  const verdict = (ours: number) =>
    /≥ 1\.6 × the driver’s next\(\) +\| \S+ × +\| (\S.*\S) +\|/.exec(
      render(readme, [read({ ours, 'driver next()': 100 })]).readme,
    )?.[1]
  expect(verdict(160)).toBe('reached')
  expect(verdict(159)).toBe('**not reached**')
})

test('a ratio is the median of the ratios within each repetition, not the ratio of the medians', () => {
  const results = [read({ ours: 10, 'driver next()': 10 }, { ours: 40, 'driver next()': 20 }, { ours: 60, 'driver next()': 30 })]
  expect(lookup(results).ratio('read', 'ours', 'driver next()', 'perSecond')).toBe(2)
  expect(lookup(results).of('read', 'ours', 'perSecond')).toBe(40)
})

test('one that was too late in most repetitions has no figure', () => {
  expect(lookup([read({ ours: null }, { ours: null }, { ours: 3 })]).of('read', 'ours', 'perSecond')).toBe(
    Number.POSITIVE_INFINITY,
  )
})
