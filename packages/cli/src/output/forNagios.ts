import type { ErrorReport } from './errorReport.js'
import type { FailedCommand } from './nextActions.js'

/** Whether a monitor called `check --format nagios`. Read from what was typed: a mistake in it may be all that is known. */
export function isForNagios({ command, argv }: FailedCommand): boolean {
  return (
    command === 'check' &&
    argv.some((word, at) => word === '--format=nagios' || (word === '--format' && argv[at + 1] === 'nagios'))
  )
}

/** A monitor takes 2 for critical and 1 for a warning: what went wrong on our side is unknown to it. */
export function unknownToNagios(report: ErrorReport): { readonly report: ErrorReport; readonly text: string } {
  return { report: { ...report, exit: 3 }, text: `STREAMS UNKNOWN - ${report.message}` }
}
