import type { Observer } from '../../ports.js'
import type { CrashPoint } from '../../core/crashPoints.js'

/**
 * An observer for `runStream` in a process of a test: the process kills itself at the `nth` passing of a point (`crashPoints` lists them), as `kill -9` would
 * exactly there. Start the same program again, and look at what it makes of the state.
 */
export function dieAt(point: CrashPoint, nth = 1): Observer {
  let left = nth
  return {
    passing(event) {
      if (event.point !== point) return
      left -= 1
      // Nothing of this process runs after its own SIGKILL.
      if (left === 0) process.kill(process.pid, 'SIGKILL')
    },
  }
}
