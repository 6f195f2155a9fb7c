// Installs and builds the workspace with nothing but Node and npm, and does nothing twice:
// a stamp in node_modules says for which lockfile, manifests, Node and platform the install was made.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const stampFile = path.join(root, 'node_modules', '.boletia-setup')
const quiet = process.env.BOLETIA_SETUP_VERBOSE === undefined

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old: boletia-streams needs 20.19 or newer (nodejs.org).`)
}

const stamp = stampOfInputs()
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  install()
  writeFileSync(stampFile, stamp)
}
build()

/** Everything that decides what an install would put into node_modules. */
function stampOfInputs() {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`)
  const manifests = ['packages', 'examples'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => path.join(folder, name, 'package.json')),
  )
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests.toSorted()]) {
    const full = path.join(root, file)
    if (existsSync(full)) hash.update(`${file}\n`).update(readFileSync(full))
  }
  return hash.digest('hex')
}

function install() {
  // Offline first: a plain npx without a network retries for more than ten minutes before it gives up.
  if (pnpm(['--offline'], ['--offline'], true)) return
  console.error('setup: installing the packages (needs the npm registry; only the first time) …')
  if (!pnpm([], [], quiet)) {
    fail('setup: pnpm install failed. Check that the npm registry can be reached, then: BOLETIA_SETUP_VERBOSE=1 npm run setup')
  }
}

function pnpm(npxFlags, pnpmFlags, silent) {
  const args = ['-y', ...npxFlags, 'pnpm@12', 'install', '--frozen-lockfile', ...pnpmFlags]
  const windows = process.platform === 'win32'
  const done = spawnSync(windows ? 'npx.cmd' : 'npx', args, {
    cwd: root,
    encoding: 'utf8',
    shell: windows,
    stdio: silent ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    // An inherited test or CI setting must not make pnpm ask or colour.
    env: { ...process.env, CI: 'true' },
  })
  if (done.status !== 0 && silent && npxFlags.length === 0) process.stderr.write(`${done.stdout}${done.stderr}`)
  return done.status === 0
}

function build() {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const done = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) fail('setup: the TypeScript build failed (see above).')
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
