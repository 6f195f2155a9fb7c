import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { discoverConfig } from '../../src/config/discover.js'

let root: string
const at = (...parts: string[]) => path.join(root, ...parts)
const put = (...parts: string[]) => {
  mkdirSync(path.dirname(at(...parts)), { recursive: true })
  writeFileSync(at(...parts), '')
}
const find = (cwd: string, flag?: string, env = {}) => discoverConfig({ flag, env, cwd })

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'boletia-config-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('the nearest one upwards is taken', () => {
  put('repo', 'boletia-streams.config.mjs')
  put('repo', 'app', 'boletia-streams.config.ts')
  put('repo', 'app', 'src', 'deep', 'x')
  expect(find(at('repo', 'app', 'src', 'deep'))).toBe(at('repo', 'app', 'boletia-streams.config.ts'))
  expect(find(at('repo'))).toBe(at('repo', 'boletia-streams.config.mjs'))
})

test('the search ends at the repository’s root, whose own is still seen', () => {
  put('boletia-streams.config.ts')
  mkdirSync(at('repo', '.git'), { recursive: true })
  put('repo', 'src', 'x')
  expect(find(at('repo', 'src'))).toBeNull()
  put('repo', 'boletia-streams.config.js')
  expect(find(at('repo', 'src'))).toBe(at('repo', 'boletia-streams.config.js'))
})

test('in one folder ts comes before mts, js and mjs', () => {
  for (const ending of ['mjs', 'js', 'mts', 'ts']) {
    put(`boletia-streams.config.${ending}`)
    expect(find(root)).toBe(at(`boletia-streams.config.${ending}`))
  }
})

test('--config comes before BOLETIA_STREAMS_CONFIG, and both before the search; a named one must exist', () => {
  put('boletia-streams.config.ts')
  put('a.mjs')
  put('b.mjs')
  expect(find(root, 'a.mjs', { BOLETIA_STREAMS_CONFIG: 'b.mjs' })).toBe(at('a.mjs'))
  expect(find(root, undefined, { BOLETIA_STREAMS_CONFIG: 'b.mjs' })).toBe(at('b.mjs'))
  expect(find(root, undefined, { BOLETIA_STREAMS_CONFIG: '' })).toBe(at('boletia-streams.config.ts'))
  expect(() => find(root, 'none.mjs')).toThrowError(expect.objectContaining({ code: 'CONFIG_NOT_FOUND', exit: 2 }) as Error)
})
