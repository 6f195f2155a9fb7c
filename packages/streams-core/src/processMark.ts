import { readFileSync, readlinkSync } from 'node:fs'
import type { ProcessMark } from './ports.js'

/**
 * What tells this process from every other one on this machine, where the system says it (Linux): null elsewhere. Boot and PID namespace
 * belong to it: two containers with the same host name do not see each other's processes.
 */
export function ownProcess(): ProcessMark | null {
  try {
    const startedAt = startOf(process.pid)
    return startedAt === null ? null : { place: here(), pid: process.pid, startedAt }
  } catch {
    return null
  }
}

/** True only when the process is known to be gone: it was on this machine, and its PID is free or another process has it. */
export function isGone(mark: ProcessMark): boolean {
  try {
    return mark.place === here() && startOf(mark.pid) !== mark.startedAt
  } catch {
    return false
  }
}

function here(): string {
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`
}

/** Clock ticks since boot; null when there is no such process, or only its zombie. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function startOf(pid: number): string | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  // The name of the program is in parentheses and may hold anything; fields 3 (state) and 22 (start) are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
}
