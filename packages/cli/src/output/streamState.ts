import type { StreamState } from '@boletia/streams-core/admin'
import type { Style, Terminal } from './terminal.js'

const styles: Record<StreamState, Style> = {
  running: 'green',
  idle: 'green',
  stuck: 'red',
  halted: 'red',
  paused: 'yellow',
  stopped: 'yellow',
  stale: 'yellow',
  new: 'dim',
  orphan: 'dim',
}

export function styledState(state: StreamState, terminal: Terminal): string {
  return terminal.style('data', styles[state], state)
}
