import { readFileSync, readlinkSync } from 'node:fs'
import { processGone, startOf, type StatRead } from './core/processGone.js'
import type { ProcessMark } from './ports.js'

/**
 * What tells this process from every other one on this machine, where the system says it (Linux): null elsewhere. Boot and PID namespace
 * belong to it: two containers with the same host name do not see each other's processes.
 */
export function ownProcess(): ProcessMark | null {
  try {
    const startedAt = startOf(readFileSync(`/proc/${process.pid}/stat`, 'utf8'))
    return startedAt === null ? null : { place: here(), pid: process.pid, startedAt }
  } catch {
    return null
  }
}

/** True only when the process is known to be gone: it was on this machine, and its PID is free or another process has it. */
export function isGone({ place, pid, startedAt }: ProcessMark): boolean {
  try {
    return place === here() && processGone(startedAt, statOf(pid), () => signal(pid))
  } catch {
    return false
  }
}

function here(): string {
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`
}

function statOf(pid: number): StatRead {
  try {
    return { stat: readFileSync(`/proc/${pid}/stat`, 'utf8') }
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code }
  }
}

/** Signal 0 is not sent, only whether it could be: null when it could. https://man7.org/linux/man-pages/man2/kill.2.html */
function signal(pid: number): string | null | undefined {
  try {
    process.kill(pid, 0)
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}
