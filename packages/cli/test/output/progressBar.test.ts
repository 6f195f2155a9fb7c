import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { shownWhile } from '../../src/output/progressBar.js'
import { createRedactor } from '../../src/output/redact.js'
import { type Terminal, createTerminal } from '../../src/output/terminal.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function recording(animated: boolean): { terminal: Terminal; lines: (string | null)[] } {
  const lines: (string | null)[] = []
  const real = createTerminal({ json: false, verbose: false, redactor: createRedactor() })
  return { terminal: { ...real, animated, progress: (text) => void lines.push(text) }, lines }
}

test('what is waited for is said from 0.3 seconds on, and taken away at its end, also by an error', async () => {
  const { terminal, lines } = recording(true)
  let fail: (error: Error) => void = () => undefined
  const shown = shownWhile(terminal, 'counting', new Promise((_resolve, reject) => (fail = reject)))
  await vi.advanceTimersByTimeAsync(250)
  expect(lines).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(lines).toEqual(['counting … 0.3s', 'counting … 0.4s'])
  fail(new Error('gone'))
  await expect(shown).rejects.toThrow('gone')
  await vi.advanceTimersByTimeAsync(1000)
  expect(lines.slice(2)).toEqual([null])
})

test('nothing of it is in a pipe', async () => {
  const { terminal, lines } = recording(false)
  const shown = shownWhile(terminal, 'counting', new Promise((resolve) => setTimeout(resolve, 1000, 7)))
  await vi.advanceTimersByTimeAsync(1000)
  expect(await shown).toBe(7)
  expect(lines).toEqual([])
})
