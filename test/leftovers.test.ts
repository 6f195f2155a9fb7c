import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'

interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string }[]
}

test('a file that leaves a process behind fails with the command line of it, and the process is ended', async () => {
  const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = path.join(import.meta.dirname, 'leftovers/vitest.config.ts')
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--config', config, '--reporter=json'], {
    encoding: 'utf8',
    // A run of its own, not a worker of this one.
    env: { PATH: process.env.PATH },
  })
  const results = (JSON.parse(stdout) as Report).testResults.map(({ name, status: outcome, message }) => ({
    file: path.basename(name, '.fixture.ts'),
    outcome,
    left: /Left running by this file:\n {2}\d+ (.*)/.exec(message)?.[1],
  }))
  expect(status).toBe(1)
  expect(results.sort((a, b) => a.file.localeCompare(b.file))).toEqual([
    { file: 'child', outcome: 'failed', left: 'sleep 61' },
    { file: 'orphan', outcome: 'failed', left: 'sleep 62' },
    { file: 'tidy', outcome: 'passed', left: undefined },
  ])
  await expect.poll(() => commands().filter((command) => /^sleep 6[123]/.test(command))).toEqual([])
}, 120_000)

function commands(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()]
      } catch {
        return []
      }
    })
}
