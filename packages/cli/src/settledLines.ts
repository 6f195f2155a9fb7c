import type { Observer } from '@boletia/streams-core'
import type { Terminal } from './output/terminal.js'

/**
 * What `run --output jsonl` writes: a line for each change, as soon as it is settled; never anything of its contents. `others` goes on seeing
 * what it saw.
 */
export function settledLines(terminal: Terminal, others: Observer = {}): Observer {
  return {
    ...others,
    settled(event) {
      others.settled?.(event)
      const { stream, token, outcome, durationMs } = event
      terminal.document({ stream, token, outcome, durationMs })
    },
  }
}
