/** An operator's pause, as it is saved: nothing is handed over until it is taken back, or until `until` (the server's time). */
export interface Pause {
  readonly reason: string
  readonly until: Date | null
}

/** The pause that counts at `now`; null when there is none, or its time has passed: nobody has to take that one back. */
export function pauseAt(
  saved: { readonly paused?: string | null; readonly pausedUntil?: Date | null } | null,
  now: Date,
): Pause | null {
  const reason = saved?.paused ?? null
  const until = saved?.pausedUntil ?? null
  return reason === null || (until !== null && until <= now) ? null : { reason, until }
}
