// What `npm test` runs after the set-up: the checks of the source, then the tests; `--extra` runs the tests that need a
// Debian program or the npm registry instead. Other arguments go to vitest (`npm test -- position`).
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const extra = args.includes('--extra')
const forVitest = args.filter((arg) => arg !== '--extra')
const extraFiles = findExtraFiles()
const startedAt = performance.now()

const failed = extra ? await runExtra() : await runAll()
console.log(`${failed.length === 0 ? 'Everything passed' : `FAILED: ${failed.join(', ')}`} in ${seconds(startedAt)}.`)
process.exitCode = failed.length === 0 ? 0 : 1

async function runAll() {
  const checks = [
    ['lint', 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
    ['format', 'oxfmt/bin/oxfmt', '--check'],
    ['types of the tests', 'typescript/bin/tsc', '-p', 'tsconfig.tests.json'],
    ['unused code', 'knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  ]
  const failures = (await Promise.all(checks.map(check))).filter((name) => name !== undefined)
  if (!(await vitest('pure', 'mongo', 'serial'))) failures.push('tests')
  const count = extraFiles.length === 0 ? 'There are no' : `Not run: ${extraFiles.length} files of`
  console.log(`${count} tests that need a Debian program or the npm registry (npm run test:extra). Nothing else was left out.`)
  return failures
}

async function runExtra() {
  if (extraFiles.length > 0) return (await vitest('extra')) ? [] : ['extra tests']
  console.log('There are no extra tests: nothing needs more than npm test has.')
  return []
}

/** Runs a check and prints what it says only when it fails; then its name is returned. */
async function check([name, program, ...programArgs]) {
  const since = performance.now()
  const { code, output } = await run(program, programArgs, 'pipe')
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)})`)
  if (code === 0) return undefined
  console.log(output)
  return name
}

async function vitest(...projects) {
  const { code } = await run(
    'vitest/vitest.mjs',
    ['run', ...projects.flatMap((name) => ['--project', name]), ...forVitest],
    'inherit',
  )
  return code === 0
}

function run(program, programArgs, stdio) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'node_modules', program), ...programArgs], {
      cwd: root,
      stdio: ['ignore', stdio, stdio],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    // `code` is null for a killed child: that is no success.
    child.once('close', (code) => resolve({ code, output }))
  })
}

function findExtraFiles() {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => path.join(parent, name, 'test')),
  )
  return [...folders, 'test', 'guarantees']
    .map((folder) => path.join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }))
    .filter((file) => file.endsWith('.extra.test.ts'))
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
