// The linter enforces the layers of docs/architecture.md. Each border is crossed once, in a copy of the folders.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const core = 'packages/streams-core/src'
const forbidden: readonly (readonly [folder: string, code: string])[] = [
  [`${core}/core`, `import { Long } from 'mongodb'`],
  [`${core}/core`, `import { createHash } from 'node:crypto'`],
  [`${core}/core`, `import { pino } from 'pino'`],
  [`${core}/core`, `import { run } from '../runtime/run.js'`],
  [`${core}/core`, `import type { Worker } from '../runtime/worker.js'`],
  [`${core}/core`, `import { changeSource } from '../mongo/changeSource.js'`],
  [`${core}/core`, `export { run } from '../runtime/run.js'`],
  [`${core}/core`, `export const now = () => Date.now()`],
  [`${core}/core`, `export const some = () => Math.random()`],
  [`${core}/core`, `setTimeout(() => undefined, 1)`],
  [`${core}/core`, `console.log(1)`],
  [`${core}/runtime`, `import { MongoClient } from 'mongodb'`],
  [`${core}/runtime`, `import { readFileSync } from 'node:fs'`],
  [`${core}/runtime`, `import { changeSource } from '../mongo/changeSource.js'`],
  [`${core}/runtime`, `import { memoryStore } from '../testing/memoryStore.js'`],
  [`${core}/runtime`, `const { changeSource } = await import('../mongo/changeSource.js')`],
  [`${core}/runtime`, `export const now = () => Date.now()`],
  [`${core}/runtime`, `setTimeout(() => undefined, 1)`],
  [`${core}/mongo`, `import { run } from '../runtime/run.js'`],
  [`${core}/mongo`, `import { testDatabase } from '../testing/testDatabase.js'`],
  [`${core}/guards`, `import { Long } from 'mongodb'`],
  [`${core}/guards`, `import { run } from '../runtime/run.js'`],
  [`${core}/guards`, `import { changeSource } from '../mongo/changeSource.js'`],
  [`${core}/admin`, `import { MongoClient } from 'mongodb'`],
  [`${core}/admin`, `import { testDatabase } from '../testing/testDatabase.js'`],
  [core, `import { MongoClient } from 'mongodb'`],
  [core, `import { testDatabase } from './testing/testDatabase.js'`],
  ['packages/boletia-handlers/src', `import { run } from '../../streams-core/src/runtime/run.js'`],
  ['packages/boletia-handlers/src/reserva', `import { run } from '@boletia/streams-core/dist/runtime/run.js'`],
  ['packages/boletia-handlers/src', `import { testDatabase } from '@boletia/streams-core/testing'`],
  ['packages/boletia-handlers/src', `import { defineConfig } from 'boletia-streams'`],
  ['packages/cli/src/commands', `import { run } from '../../../streams-core/src/runtime/run.js'`],
  ['packages/cli/src', `import { run } from '@boletia/streams-core/dist/runtime/run.js'`],
  ['packages/cli/src/commands', `import { streamReserva } from '@boletia/handlers'`],
  ['packages/cli/src', `import { streamReserva } from '../../boletia-handlers/src/index.js'`],
  ['examples/boletia/src', `import { run } from '../../../packages/streams-core/src/runtime/run.js'`],
]

const allowed: readonly (readonly [folder: string, code: string])[] = [
  [`${core}/core`, `import type { Long } from 'mongodb'`],
  [`${core}/core`, `import { StreamError } from '../streamError.js'`],
  [`${core}/runtime`, `import type { Logger } from 'pino'`],
  [`${core}/runtime`, `import pRetry from 'p-retry'`],
  [`${core}/runtime`, `import { compareTokens } from '../core/position.js'`],
  [`${core}/mongo`, `import { MongoClient } from 'mongodb'`],
  [`${core}/guards`, `import { undefinedPaths } from '../core/undefinedPaths.js'`],
  [`${core}/testing`, `import { MongoClient } from 'mongodb'`],
  [`${core}/admin`, `import { checkpointStore } from '../mongo/checkpointStore.js'`],
  [core, `import { changeSource } from './mongo/changeSource.js'`],
  ['packages/boletia-handlers/src', `import { guardedInc } from '@boletia/streams-core/guards'`],
  ['packages/cli/src', `import { list } from '@boletia/streams-core/admin'`],
  ['packages/cli/src', `import { MongoClient } from 'mongodb'`],
  ['examples/boletia/src', `import { startReplicaSet } from '@boletia/streams-core/testing'`],
]

const root = path.join(import.meta.dirname, '..')
const copy = mkdtempSync(path.join(tmpdir(), 'boletia-borders-'))
let found: Map<string, string[]>

beforeAll(() => {
  copyFileSync(path.join(root, '.oxlintrc.json'), path.join(copy, '.oxlintrc.json'))
  forbidden.forEach(([folder, code], index) => write(folder, `forbidden${index}`, code))
  allowed.forEach(([folder, code], index) => write(folder, `allowed${index}`, code))
  const oxlint = path.join(path.dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', '.'], { cwd: copy, encoding: 'utf8' })
  found = new Map()
  for (const { filename, code } of (JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }).diagnostics) {
    const name = path.basename(filename, '.ts')
    found.set(name, [...(found.get(name) ?? []), code])
  }
})

afterAll(() => rmSync(copy, { recursive: true }))

test.each(forbidden.map(([folder, code], index) => ({ folder, code, index })))('$folder may not: $code', ({ index }) => {
  expect(found.get(`forbidden${index}`)).toEqual(expect.arrayContaining([expect.stringMatching(/no-restricted/)]))
})

test.each(allowed.map(([folder, code], index) => ({ folder, code, index })))('$folder may: $code', ({ index }) => {
  expect((found.get(`allowed${index}`) ?? []).filter((code) => code.includes('no-restricted'))).toEqual([])
})

function write(folder: string, name: string, code: string): void {
  mkdirSync(path.join(copy, folder), { recursive: true })
  writeFileSync(path.join(copy, folder, `${name}.ts`), `${code}\n`)
}
