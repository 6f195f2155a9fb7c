import type { ErrorReport } from './errorReport.js'
import type { Terminal } from './terminal.js'

/** What is wrong, why, and what to type next, on stderr; the stack only when asked for. */
export function renderError(terminal: Terminal, { code, message, why, nextActions, stack }: ErrorReport): void {
  const lines = [
    `${terminal.style('say', ['red', 'bold'], 'error')}  ${message} ${terminal.style('say', 'dim', `[${code}]`)}`,
    `why    ${why}`,
    ...nextActions.map(
      ({ label, command }, index) => `${index === 0 ? 'next' : '    '}   ${label}: ${terminal.style('say', 'cyan', command)}`,
    ),
  ]
  if (terminal.verbose) lines.push('', stack)
  terminal.say(lines.join('\n'))
}
