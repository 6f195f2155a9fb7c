import type { Terminal } from './terminal.js'

export interface ProgressBar extends Disposable {
  update(done: number): void
}

const width = 30

/** On a terminal's stderr, drawn over itself at most ten times a second; elsewhere nothing. */
export function progressBar(terminal: Terminal, total: number): ProgressBar {
  let drawnAt = 0
  const draw = (done: number) => {
    const part = total === 0 ? 1 : Math.min(1, done / total)
    const filled = Math.round(part * width)
    process.stderr.write(
      `\r${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`,
    )
  }
  return {
    update(done) {
      if (!terminal.animated || (Date.now() - drawnAt < 100 && done < total)) return
      drawnAt = Date.now()
      draw(done)
    },
    [Symbol.dispose]() {
      // The line is cleared: what follows must not be written behind it.
      if (drawnAt > 0) process.stderr.write('\r\u001b[K')
    },
  }
}
