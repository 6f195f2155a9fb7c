import { errorCodes } from '@boletia/streams-core/errors'

const meanings: readonly [number, string][] = [
  [0, 'done, or a clean stop'],
  [1, 'a bug in the program'],
  [2, 'usage or config; consent missing'],
  [3, 'declined at a prompt'],
  [4, 'no such stream, nothing saved, empty selection'],
  [5, 'busy: the stream moved since the plan, or somebody else holds it'],
  [6, 'position unusable: history lost, foreign or malformed token, invalidated, future time, changed stream'],
  [7, 'a handler failed for good'],
  [8, 'MongoDB unreachable, not a replica set, unauthorised, timed out'],
  [10, 'check, doctor: a warning (check --format nagios: 1)'],
  [11, 'check, doctor: critical (check --format nagios: 2); wait: the time ran out'],
]

/** The exit codes, each with the error codes behind it: made from the library's own table. */
export function exitCodes(): string {
  const lines = meanings.flatMap(([exit, meaning]) => [
    `  ${String(exit).padStart(2)}  ${meaning}`,
    ...Object.entries(errorCodes)
      .filter(([, entry]) => entry.exit === exit)
      .map(([code, entry]) => `       ${code.padEnd(22)} ${entry.what}. ${entry.todo}`),
  ])
  return `Exit codes, and the error codes behind them\n\n${lines.join('\n')}\n\nA second SIGINT or SIGTERM ends the process at once: 130 or 143.\nWith --json, a failure is {"ok":false,"error":{"code","exit","message","why","nextActions"}} on stdout.`
}
