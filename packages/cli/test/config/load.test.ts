import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boletiaStreams, ended, machine } from '../program.js'

const load = new URL('../../dist/config/load.js', import.meta.url).href
let folder: string
const at = (name: string) => path.join(folder, name)
const put = (name: string, text: string) => writeFileSync(at(name), text)

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'boletia-load-'))
  mkdirSync(at('streams'))
})
afterAll(() => rmSync(folder, { recursive: true }))

// In a process of its own: where nothing else is awaited Node ends with exit 13, which a test runner never sees.
test.each([
  ['awaits.mjs', 'await new Promise(() => {})\nexport default { streams: [] }\n'],
  ['awaits.ts', 'await new Promise(() => {})\nexport default { streams: [] }\n'],
  ['promise.mjs', 'export default new Promise(() => {})\n'],
  ['promise.ts', 'export default new Promise(() => {})\n'],
])('%s, which never settles, is CONFIG_INVALID after the limit', async (name, text) => {
  put(name, text)
  const program = `const { loadConfig } = await import(process.argv[1])
    await loadConfig(process.argv[2], 300).catch(({ code, message }) => console.log(code, message))`
  const args = ['--input-type=module', '-e', program, load, at(name)]
  const { code, stdout } = await ended(spawn(process.execPath, args, { env: machine(), stdio: ['ignore', 'pipe', 'pipe'] }))
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `CONFIG_INVALID ${at(name)} does not load: it is not done after 0.3 s\n`,
  })
})

test('one that exports a promise that settles loads', async () => {
  put('settles.mjs', 'export default new Promise((resolve) => setTimeout(resolve, 20, { streams: [] }))\n')
  expect(await boletiaStreams(['config', 'validate', '--config', at('settles.mjs')])).toMatchObject({ code: 0 })
})

const wrong = 'export const a = 1\n\nexport const b = {\n  x: "s3cr3t" y\n}\n'
test.each([
  ['itself.mjs', wrong, 'itself.mjs:4'],
  ['itself.ts', wrong, 'itself.ts:4'],
  ['imports.mjs', "import { a } from './streams/wrong.mjs'\nexport default { streams: [a] }\n", 'streams/wrong.mjs:4'],
  ['deep.mjs', "export { default } from './imports.mjs'\n", 'streams/wrong.mjs:4'],
  ['imports.ts', "import { a } from './streams/wrong.ts'\nexport default { streams: [a] }\n", 'streams/wrong.ts:4'],
  ['mixed.ts', "import { a } from './streams/wrong.mjs'\nexport default { streams: [a] }\n", 'streams/wrong.mjs:4'],
  ['noExport.mjs', "\nimport { b } from './streams/right.mjs'\nexport default { streams: [b] }\n", 'noExport.mjs:2'],
])('a syntax error of %s is told with its file and line, not with what stands there', async (name, text, place) => {
  put(name, text)
  for (const ending of ['mjs', 'ts']) put(`streams/wrong.${ending}`, wrong)
  put('streams/right.mjs', 'export const a = 1\n')
  const { code, stdout, stderr } = await boletiaStreams(['config', 'validate', '--config', at(name)])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`${at(name)} does not load: `)
  expect(stderr).toContain(` (at ${at(place)}) [CONFIG_INVALID]`)
  expect(stderr).not.toContain('s3cr3t')
})

test('what throws while it runs has no such place', async () => {
  put('throws.mjs', "import './streams/right.mjs'\nJSON.parse('{')\n")
  put('streams/right.mjs', 'export const a = 1\n')
  const { stderr } = await boletiaStreams(['config', 'validate', '--config', at('throws.mjs')])
  expect(stderr).toContain('[CONFIG_INVALID]')
  expect(stderr).not.toContain('(at ')
})
