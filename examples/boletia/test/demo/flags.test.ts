import { expect, test } from 'vitest'
import { parseFlags } from '../../src/demo/flags.js'

test('only --keep and --help exist', () => {
  expect(parseFlags([])).toEqual({ kind: 'play', keep: false })
  expect(parseFlags(['--keep'])).toEqual({ kind: 'play', keep: true })
  expect(parseFlags(['-h'])).toEqual({ kind: 'help' })
  for (const wrong of ['--kepe', 'keep', '--keep=yes']) expect(parseFlags([wrong])).toMatchObject({ kind: 'wrong' })
})
