import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isGone, ownProcess } from '../src/processMark.js'

const linux = process.platform === 'linux'

test('a process is gone once it has ended, and not before', async () => {
  const own = ownProcess()
  expect(own === null).toBe(!linux)
  if (own === null) return
  expect(isGone(own)).toBe(false)
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'])
  await once(child, 'spawn')
  const { readFileSync } = await import('node:fs')
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
  const mark = { ...own, pid: child.pid!, startedAt: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]! }
  expect(isGone(mark)).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isGone(mark)).toBe(true)
})

test('a PID that another process has since, counts as gone; a process of another machine or container never does', () => {
  const own = ownProcess()
  if (own === null) return
  expect(isGone({ ...own, startedAt: '1' })).toBe(true)
  expect(isGone({ ...own, place: 'elsewhere', startedAt: '1' })).toBe(false)
})
