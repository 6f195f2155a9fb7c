// A majority write takes a millisecond of the server's and of ours: a busy stream saves what was settled meanwhile together.
const betweenMs = 200

/**
 * Milliseconds until the next checkpoint is due; a lone change is saved at once. `lastBegan`: null when nothing was saved yet. All streams of
 * a process that are busy come to the same moments, so that their checkpoints go in one command.
 */
export function saveDueIn(now: number, lastBegan: number | null): number {
  if (lastBegan === null || now - lastBegan >= betweenMs) return 0
  return betweenMs - (now % betweenMs)
}
