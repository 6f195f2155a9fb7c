// scripts/setup.mjs in a copy of the workspace whose npx and tsc only write down that they were called.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const offline = 'npx -y --offline pnpm@12 install --frozen-lockfile --offline'
const online = 'npx -y pnpm@12 install --frozen-lockfile'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'boletia-setup-'))
  for (const folder of ['scripts', 'bin', 'packages/one', 'examples', 'node_modules/typescript/bin']) {
    mkdirSync(path.join(root, folder), { recursive: true })
  }
  copyFileSync(path.join(import.meta.dirname, '../scripts/setup.mjs'), path.join(root, 'scripts/setup.mjs'))
  for (const file of ['package.json', 'packages/one/package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) write(file, '{}')
  write(
    'node_modules/typescript/bin/tsc',
    `require('node:fs').appendFileSync(${JSON.stringify(path.join(root, 'calls'))}, 'tsc ' + process.argv.slice(2).join(' ') + '\\n')`,
  )
  npx('exit 0')
})

afterEach(() => rmSync(root, { recursive: true }))

test('the first run tries to install without the network, then builds; the second one starts neither npx nor pnpm', () => {
  expect(setup()).toMatchObject({ status: 0, output: '', calls: [offline, 'tsc -b'] })
  expect(setup()).toMatchObject({ status: 0, output: '', calls: ['tsc -b'] })
})

test.each(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'packages/one/package.json'])(
  'a change of %s installs again',
  (file) => {
    setup()
    write(file, '{"changed":true}')
    expect(setup().calls).toEqual([offline, 'tsc -b'])
  },
)

test('a new package installs again', () => {
  setup()
  mkdirSync(path.join(root, 'examples/new'))
  write('examples/new/package.json', '{}')
  expect(setup().calls).toEqual([offline, 'tsc -b'])
})

test('only when the store has not everything does it go to the registry, and says so', () => {
  npx('case "$*" in *--offline*) exit 1;; esac')
  const { status, output, calls } = setup()
  expect({ status, calls }).toEqual({ status: 0, calls: [offline, online, 'tsc -b'] })
  expect(output).toMatch(/^setup: installing the packages \(needs the npm registry; only the first time\)/)
})

test('an install that fails ends with what to do, leaves no stamp, and is tried again', () => {
  npx('echo "ERR_PNPM_FETCH" >&2; exit 1')
  const { status, output, calls } = setup()
  expect({ status, calls }).toEqual({ status: 1, calls: [offline, online] })
  expect(output).toMatch(/ERR_PNPM_FETCH/)
  expect(output).toMatch(/Check that the npm registry can be reached, then: BOLETIA_SETUP_VERBOSE=1 npm run setup/)
  npx('exit 0')
  expect(setup().calls).toEqual([offline, 'tsc -b'])
})

test('a build that fails is an error', () => {
  write('node_modules/typescript/bin/tsc', `console.error('error TS2322'); process.exit(2)`)
  expect(setup()).toMatchObject({
    status: 1,
    output: expect.stringMatching(/error TS2322\n.*setup: the TypeScript build failed/s),
  })
})

test('a Node that is too old is told before anything is done', () => {
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.18.3'}})`
  expect(setup('--import', older)).toMatchObject({
    status: 1,
    output: 'Node 20.18.3 is too old: boletia-streams needs 20.19 or newer (nodejs.org).\n',
    calls: [],
  })
})

function write(file: string, text: string): void {
  writeFileSync(path.join(root, file), text)
}

function npx(script: string): void {
  write('bin/npx', `#!/bin/sh\necho "npx $*" >> '${root}/calls'\n${script}\n`)
  chmodSync(path.join(root, 'bin/npx'), 0o755)
}

/** One run: its exit code, all it printed, and what it called. */
function setup(...nodeArgs: string[]) {
  const calls = path.join(root, 'calls')
  rmSync(calls, { force: true })
  const env = { ...process.env, PATH: `${path.join(root, 'bin')}${path.delimiter}${process.env.PATH}` }
  const done = spawnSync(process.execPath, [...nodeArgs, path.join(root, 'scripts/setup.mjs')], { encoding: 'utf8', env })
  const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : []
  return { status: done.status, output: `${done.stdout}${done.stderr}`, calls: lines }
}
