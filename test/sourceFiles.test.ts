import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const tracked = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mts', '*.js', '*.mjs'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((file) => file !== '')
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8')

test('no source file is longer than 250 lines: a file is one decision', () => {
  expect(tracked.length).toBeGreaterThan(50)
  const source = tracked.filter((file) => !/(^|\/)(test|guarantees|bench)\//.test(file))
  expect(source.filter((file) => textOf(file).split('\n').length > 251)).toEqual([])
})

test('every export has a name: `export *` hides what a module offers', () => {
  expect(tracked.filter((file) => /^export \*/m.test(textOf(file)))).toEqual([])
})
