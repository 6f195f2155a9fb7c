// A majority write takes a millisecond of the server's and of ours: a busy stream saves what was settled meanwhile together.
const betweenMs = 200

/** Milliseconds until the next checkpoint is due; a lone change is saved at once. `lastBegan`: null when nothing was saved yet. */
export function saveDueIn(now: number, lastBegan: number | null): number {
  return lastBegan === null ? 0 : Math.max(0, lastBegan + betweenMs - now)
}
