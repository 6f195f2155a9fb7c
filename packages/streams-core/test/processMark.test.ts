import { spawn, spawnSync } from 'node:child_process'
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

// A proc of its own that shows another user's processes to nobody needs root.
const hide = (command: string) =>
  spawnSync(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      `mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups ${command}`,
    ],
    { encoding: 'utf8' },
  )
const hides = linux && hide('true').status === 0

test.skipIf(!hides)('a live process of another user whose entry is hidden is not gone (needs root, unshare and setpriv)', () => {
  const module = new URL('../dist/processMark.js', import.meta.url).href
  const own = JSON.stringify(ownProcess())
  const { pid } = process
  const seen = hide(
    `${process.execPath} --input-type=module -e '
      import { existsSync } from "node:fs"
      import { isGone } from "${module}"
      const mark = ${own}
      console.log(JSON.stringify([existsSync("/proc/${pid}/stat"), isGone(mark), isGone({ ...mark, pid: 2 ** 22 })]))'`,
  )
  expect(seen.stderr).toBe('')
  expect(JSON.parse(seen.stdout)).toEqual([false, false, true])
})
