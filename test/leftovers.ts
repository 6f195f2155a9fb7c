// A test that leaves a process behind (a mongod, a worker) fails with its file, and the process is ended.
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll } from 'vitest'

// Inherited by every process that this file's tests start, also by those that outlive the process that started them.
const mark = `BOLETIA_TEST_FILE=${randomUUID()}`
process.env.BOLETIA_TEST_FILE = mark.slice(mark.indexOf('=') + 1)

interface Leftover {
  readonly pid: number
  readonly command: string
}

afterAll(async () => {
  // What was told to end may take a moment, on a busy machine a long one.
  const deadline = performance.now() + 10_000
  let left = leftovers()
  while (left.length > 0 && performance.now() < deadline) {
    await delay(20)
    left = leftovers()
  }
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  if (left.length > 0)
    throw new Error(`Left running by this file:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`)
}, 60_000)

/** Reads /proc: elsewhere than on Linux nothing is found. */
function leftovers(): Leftover[] {
  return entries('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const ours = read(`/proc/${name}/environ`).split('\0').includes(mark) || parentOf(name) === process.pid
      // A zombie has no command line.
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim()
      return ours && command !== '' ? [{ pid: Number(name), command: command.slice(0, 200) }] : []
    })
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0)
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

// A process may end between the listing and the reading.
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
