// Every command of the documentation, run as it stands there by a real shell: none may be refused for how it is written.
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { machine } from '../packages/cli/test/program.js'
import { type TestDatabase, testDatabase } from '../packages/streams-core/src/testing/index.js'

const root = path.join(import.meta.dirname, '..')
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => existsSync(path.join(root, page)) && page !== '' && !/^(\.changeset|packages\/[^/]+\/etc)\//.test(page))

/** What is no command of ours, by its beginning, and what runs it in CI. */
const elsewhere: readonly (readonly [begins: string, by: string])[] = [
  ['npm run setup', '.ci/run'],
  ['npm test', '.ci/run'],
  ['npm run test:extra', '.ci/run'],
  // Its result is a release: tried by hand with each.
  ['npx changeset version', '.changeset/config.json'],
  ['bash .ci/run', '.ci/run'],
  ['git clone', '.ci/run'],
  ['npm run format', 'scripts/test.mjs'],
  ['npm run api', 'test/apiReports.test.ts'],
  ['npm run pack', 'test/packages.extra.test.ts'],
  ['mkdir my-streams', 'test/packages.extra.test.ts'],
  ['npm install ../boletia-streams', 'test/packages.extra.test.ts'],
  ['npm run demo', 'examples/boletia/test/demo/demo.serial.mongo.test.ts'],
  ['npm run example', 'examples/harness/test/play.serial.mongo.test.ts'],
  ['node examples/outbox/dist/retry.js', 'examples/outbox/test/outbox.extra.test.ts'],
  ['npx boletia-streams run --all --standby --config examples/', 'examples/harness/test/examples.mongo.test.ts'],
  ['npm run soak', 'guarantees/soak.test.ts'],
  ['npm run bench', 'test/bench.serial.mongo.test.ts'],
  // Its peers are other people's programs; what was measured with them is in bench/results.
  ['node bench/peers/install.mjs', 'bench/peers/install.mjs'],
  ['export MONGODB_URI=', 'test/packages.extra.test.ts'],
  // CI has no container engine and no cluster: what these read is checked there, docs/deployment.md says how far.
  ['docker build -f examples/boletia/deploy/Dockerfile', 'examples/boletia/test/deploy/manifests.extra.test.ts'],
  ['docker compose -f examples/boletia/deploy/compose.yaml', 'examples/boletia/test/deploy/compose.test.ts'],
  ['kubectl apply -k examples/boletia/deploy/', 'examples/boletia/test/deploy/manifests.extra.test.ts'],
  ['kubectl exec', 'examples/boletia/test/deploy/image.test.ts'],
]

const lines = pages.flatMap((page) =>
  [...readFileSync(path.join(root, page), 'utf8').matchAll(/^```(sh)?\n([\s\S]*?)^```/gm)].flatMap(([, kind, block]) =>
    block!
      .split('\n')
      .filter((line) => /^(\$ )?(npx )?boletia-streams |^source <\(/.test(line) || (kind === 'sh' && line.trim() !== ''))
      .map((line) => ({ page, line: line.replace(/\s+# .*$/, '') })),
  ),
)
const ours = (line: string) => line.includes('boletia-streams ') && !elsewhere.some(([begins]) => line.startsWith(begins))

test('what is no command of ours is run elsewhere in CI', () => {
  const others = lines.filter(({ line }) => !ours(line))
  expect(others.filter(({ line }) => !elsewhere.some(([begins]) => line.startsWith(begins)))).toEqual([])
  expect(elsewhere.filter(([, by]) => !existsSync(path.join(root, by)))).toEqual([])
})

const names = ['streamEvento', 'streamInventario', 'streamReserva', 'streamNotificacion']
const config = (streams: readonly string[]) => `import { defineStream } from '@boletia/streams-core'
import { defineConfig } from 'boletia-streams'
const handle = ({ documentKey }, { stream }) => {
  if (stream === 'streamReserva' && documentKey._id === 1) throw new Error('this one is parked')
}
const more = { onError: 'park', retry: { attempts: 1 }, handle }
const named = (name) => defineStream({ name, watch: { collection: 'reservas' }, ...more })
export default defineConfig({ streams: ${JSON.stringify(streams)}.map(named) })
`
let place: TestDatabase
let folder: string
let token: string
let letter: string
let runner: ChildProcess
beforeAll(async () => {
  place = await testDatabase(inject('mongoUri'))
  // Below the root, so that the packages are found by their names.
  folder = mkdtempSync(path.join(root, 'test/commands-'))
  for (const below of ['deploy', 'new']) mkdirSync(path.join(folder, below))
  writeFileSync(path.join(folder, 'boletia-streams.config.mjs'), config([...names, 'orderLines', 'streamViejo']))
  writeFileSync(path.join(folder, 'deploy/boletia-streams.config.mjs'), config(names))
  await place.db.collection<{ _id: number }>('reservas').insertOne({ _id: 0 })
  await shell('boletia-streams run --all --once')
  await place.db.collection<{ _id: number }>('reservas').insertMany([{ _id: 1 }, { _id: 2 }], { writeConcern: { w: 'majority' } })
  await shell('boletia-streams run --all --once')
  writeFileSync(path.join(folder, 'boletia-streams.config.mjs'), config([...names, 'orderLines']))
  const { stdout } = await shell('boletia-streams export')
  writeFileSync(path.join(folder, 'positions.json'), stdout)
  const { streams } = JSON.parse(stdout) as { streams: { name: string; position: { token: string } }[] }
  const parked = await shell('boletia-streams dead-letters list streamReserva --json')
  letter = (JSON.parse(parked.stdout) as { data: { letters: { id: string }[] } }).data.letters[0]!.id
  runner = fork(path.join(root, 'test/support/commandRunner.mjs'), {
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  token = streams.find(({ name }) => name === 'streamReserva')!.position.token
})

afterAll(async () => {
  runner.kill()
  await once(runner, 'exit')
  rmSync(folder, { recursive: true })
  await place[Symbol.asyncDispose]()
})

/** A command as it is run here: what a reader fills in is filled in, what it is piped into is another program's. */
function runnable(line: string): string {
  return line
    .replace(/^\$ /, '')
    .replace(/^npx /, '')
    .replace(/^source <\((.*)\)$/, '$1')
    .replace(/ [|>] .*$/, '')
    .replaceAll('<name>', 'streamReserva')
    .replaceAll(/<hex>|826B01A3…/g, token)
    .replaceAll('5f2c9a7be01d43c8a6f19e02', letter)
    .replaceAll(':9464', ':0')
}

/** A new project has no config yet. */
const placeOf = (command: string) =>
  command.includes(' examples/') ? root : command === 'boletia-streams init' ? path.join(folder, 'new') : folder
const forEver = (command: string) =>
  /^boletia-streams (run (?!.*--(once|until|max|dry-run))|tail |status .*--watch|run .*--dry-run(?!.*--once))/.test(command)
const environment = () => ({
  ...machine(),
  MONGODB_URI: place.uri,
  PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of its own, until it ends; what would run for ever is told to stop once it works. */
async function shell(command: string): Promise<Ended> {
  const child = spawn('bash', ['-c', `exec ${command}`], {
    cwd: placeOf(command),
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let told = false
  // Once: the second signal would quit it.
  const tell = () => (told ||= child.kill('SIGTERM'))
  if (forEver(command)) for (const stream of [child.stdout, child.stderr]) stream.once('data', tell)
  const feeding = command.includes(' tail ')
    ? setInterval(() => void place.db.collection('reservas').insertOne({}), 200)
    : undefined
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  clearInterval(feeding)
  return { code, stdout, stderr }
}

/** The same in a process that others share, with the arguments that a real shell makes of it. */
async function shared(command: string): Promise<Ended> {
  const [, ...argv] = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
  runner.send({ argv, cwd: placeOf(command) })
  const [answer] = (await once(runner, 'message')) as [{ code: number | null; stderr: string }]
  return { ...answer, stdout: '' }
}

// A refusal by what is saved (4, 5, 6) or a finding (10, 11) is an answer; bad usage (2), a bug (1), a declined or failed one (3, 7, 8) is none.
const answers = new Set([0, 4, 5, 6, 10, 11])

test('every command of ours in a block of code is one that works', async () => {
  const commands = [...new Set(lines.filter(({ line }) => ours(line)).map(({ line }) => runnable(line)))]
  expect(commands.length).toBeGreaterThan(50)
  // The control: a slip of the pen is noticed.
  expect(await shared('boletia-streams reset streamReserva --too -1h')).toMatchObject({ code: 2 })
  const refused: string[] = []
  for (const command of commands) {
    const { code, stderr } = await (forEver(command) ? shell : shared)(command)
    const fine = command.includes('--format nagios') ? code !== null && code <= 3 : code !== null && answers.has(code)
    if (!fine) refused.push(`${command} → ${code}: ${stderr.slice(0, 300)}`)
  }
  expect(refused).toEqual([])
}, 600_000)
