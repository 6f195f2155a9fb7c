import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const bench = path.join(import.meta.dirname, '..', 'bench')
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [path.join(bench, 'dist', 'main.js'), ...args], { encoding: 'utf8' })

test('a quick benchmark runs each contender that is here, fails for none, and keeps nothing', () => {
  const kept = readdirSync(path.join(bench, 'results'))
  const { status, stdout, stderr } = run('--quick', '--only', 'read')
  expect(stdout + stderr).not.toContain('FAILED')
  expect(status).toBe(0)
  for (const contender of ['ours', 'ours, the driver’s stream', 'driver next()', 'bare prefetch reader'])
    expect(stdout).toMatch(new RegExp(`^read 1: ${contender.replace(/[()]/g, '\\$&')}: \\{"perSecond":\\d`, 'm'))
  expect(readdirSync(path.join(bench, 'results'))).toEqual(kept)
}, 600_000)

test('a suite that does not exist is refused with those that do', () => {
  const { status, stderr } = run('--only', 'reed')
  expect(status).toBe(2)
  expect(stderr).toContain('there is no suite reed; there are read, project,')
})
