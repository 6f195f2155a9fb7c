import type { ResetPlan } from '@boletia/streams-core/admin'
import type { App } from '../app.js'
import type { Move } from '../move.js'
import { clusterDate, formatTime } from './format.js'

/** What stands for a reason in a printed command: pasted as it is, there is none. */
export const noReason = '…'

/** A command with its reason, or with a place to write one. */
export function withReason(app: App, args: readonly string[], reason: string | undefined): string {
  return reason === undefined ? `${app.again(...args)} --reason "${noReason}"` : app.again(...args, '--reason', reason)
}

/** The command that applies a plan, bound to its revision. Relative places are written out: they would move until it is pasted. */
export function applyCommand(app: App, { name, where, flags, action }: Move, plan: ResetPlan): string {
  const to = action === 'reset-token' ? [] : ['--to', placeOf(where, plan)]
  // A plan that says drift is refused without it.
  const acceptsDrift = flags.acceptDrift === true || plan.fingerprint.drift
  const loses = plan.direction === 'skip' || action === 'reset-token' || acceptsDrift
  const command = [
    action,
    name,
    ...to,
    '--if-rev',
    String(plan.rev),
    '--execute',
    ...(loses ? ['--confirm', name] : []),
    ...(acceptsDrift ? ['--accept-drift'] : []),
  ]
  return withReason(app, command, flags.reason)
}

/** Back to where it was. `prev` and not a token: only the saved position knows how it was made. */
export function undoCommand(app: App, { name, direction }: ResetPlan, rev: number): string {
  return app.again(
    'reset',
    name,
    '--to',
    'prev',
    '--if-rev',
    String(rev),
    '--execute',
    ...(direction === 'rewind' ? ['--confirm', name] : []),
  )
}

function placeOf(where: Move['where'], { to }: ResetPlan): string {
  switch (where.kind) {
    case 'time':
      return formatTime(where.time)
    case 'ago':
    case 'by':
      return formatTime(clusterDate(to.clusterTime))
    case 'token':
    case 'stream':
      return `token:${to.token}`
    case 'earliest':
    case 'latest':
    case 'prev':
      return where.kind
  }
}
