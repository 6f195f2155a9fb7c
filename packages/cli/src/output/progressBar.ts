import type { Terminal } from './terminal.js'

export interface ProgressBar extends Disposable {
  update(done: number): void
}

const width = 30
/** What is done sooner needs no line: it would only flicker. */
const unseenMs = 300
/** What a plan takes its time for: up to two seconds, the search for one change longer. */
export const counting = 'looking through the changes in between'

/** On a terminal's stderr, drawn over itself at most ten times a second; elsewhere nothing. */
export function progressBar(terminal: Terminal, total: number): ProgressBar {
  let drawnAt = 0
  return {
    update(done) {
      if (!terminal.animated || (Date.now() - drawnAt < 100 && done < total)) return
      drawnAt = Date.now()
      const part = total === 0 ? 1 : Math.min(1, done / total)
      const filled = Math.round(part * width)
      const counted = `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`
      terminal.progress(`${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${counted}`)
    },
    [Symbol.dispose]: () => terminal.progress(null),
  }
}

/** Says what is waited for, and since when, where nobody knows how much of it there is. */
export async function shownWhile<T>(terminal: Terminal, what: string, work: Promise<T>): Promise<T> {
  if (!terminal.animated) return await work
  const began = Date.now()
  const timer = setInterval(() => {
    const ms = Date.now() - began
    if (ms >= unseenMs) terminal.progress(`${what} … ${(ms / 1000).toFixed(1)}s`)
  }, 100)
  try {
    return await work
  } finally {
    clearInterval(timer)
    terminal.progress(null)
  }
}
