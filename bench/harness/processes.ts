import { readFileSync } from 'node:fs'

// Linux counts in hundredths of a second, whatever the kernel's own tick is (proc(5), USER_HZ).
const msPerTick = 10

/** Milliseconds of processor time that a live process has used, in user and system mode. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name may hold blanks and parentheses; the fields after it are numbers.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}

/** Resident memory of a live process in MB: its peak, or now. */
export function rssMb(pid: number, which: 'peak' | 'now'): number {
  const line = new RegExp(`^${which === 'peak' ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+) kB`, 'm')
  const found = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(found?.[1] ?? 0) / 1024)
}
