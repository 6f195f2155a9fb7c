import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { teller } from '../../src/demo/tell.js'

const output = (isTTY: boolean) =>
  Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY }) as unknown as NodeJS.WriteStream & PassThrough

test('colour only on a terminal, and not with NO_COLOR or a dumb one', () => {
  const pass = (isTTY: boolean, env: NodeJS.ProcessEnv) => teller(output(isTTY), env).good('PASS')
  expect(pass(true, {})).toContain('\u001B[')
  expect([pass(false, {}), pass(true, { NO_COLOR: '1' }), pass(true, { TERM: 'dumb' })]).toEqual(['PASS', 'PASS', 'PASS'])
})

test('a line comes in two halves, and a broken one is ended before something else is written', () => {
  const out = output(false)
  const tell = teller(out, {})
  tell.asked('POST → ')
  tell('200')
  tell.broken()
  tell.asked('DELETE → ')
  tell.broken()
  expect(out.read()).toBe('POST → 200\nDELETE → \n')
})
