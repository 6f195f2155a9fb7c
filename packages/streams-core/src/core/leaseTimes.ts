/** When a lease that was renewed must be renewed again, and when its owner must stop handing out changes unless it was. */
export interface LeaseTimes {
  readonly renewAt: number
  readonly stopAt: number
}

/**
 * `sentAt` is the owner's monotonic time before it asked the server: the lease ends `ttlMs` after the server heard it, never earlier.
 * The last tenth is left unused, so that clocks that run at different speeds do not let two owners hand out at once.
 */
export function leaseTimes(sentAt: number, ttlMs: number): LeaseTimes {
  return { renewAt: sentAt + ttlMs / 3, stopAt: sentAt + ttlMs * 0.9 }
}

/** Is the lease surely still ours? Asked before each change: a worker that was frozen learns here that somebody else may be at work. */
export function mayHandOut({ stopAt }: LeaseTimes, now: number): boolean {
  return now < stopAt
}
