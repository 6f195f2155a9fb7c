import type { ResetPlan, Where } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App, Outcome } from './app.js'
import { collect } from './commands/collect.js'
import { consentToLoss, consentToRepeat } from './consent.js'
import { parseRev } from './input/number.js'
import { clusterDate, formatChanges } from './output/format.js'
import { operator } from './operator.js'
import { positionData } from './output/positionData.js'
import { counting, shownWhile } from './output/progressBar.js'
import { planText } from './output/resetPlan.js'
import { applyCommand, noReason, undoCommand } from './output/moveCommands.js'
import { openWorld } from './world/open.js'

/** Options of every command that moves a saved position. */
export interface MoveFlags {
  readonly ifRev?: string
  readonly execute?: true
  readonly confirm?: readonly string[]
  readonly yes?: true
  readonly reason?: string
  readonly acceptDrift?: true
}

export interface Move {
  readonly name: string
  readonly where: Where
  readonly flags: MoveFlags
  readonly action: 'reset' | 'reset-token'
}

export function withMoveOptions(command: Command): Command {
  return command
    .option('--execute', 'apply the plan')
    .option('--if-rev <n>', 'only if nobody moved the position since the plan with this revision (else exit 5)')
    .option('--confirm <name>', 'consent to skipping changes: the stream’s name', collect)
    .option('--yes', 'do not ask before delivering again')
    .option('--reason <text>', 'kept in the history')
    .option('--accept-drift', 'although the definition changed since the position was saved; needs --confirm')
}

/** Plans a move and prints it; with `--execute` and the consent that its direction needs, applies it and prints its undo. */
export async function movePosition(app: App, move: Move): Promise<Outcome> {
  const { name, where, flags, action } = move
  const ifRev = flags.ifRev === undefined ? undefined : parseRev(flags.ifRev, '--if-rev')
  const { applyReset, planReset } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config optional')
  const plan = await shownWhile(app.terminal, counting, planReset(world.admin, name, where))
  if (ifRev !== undefined && ifRev !== plan.rev) throw movedSince(plan, ifRev)
  const apply = applyCommand(app, move, plan)
  const shown = planText(app.terminal, move, plan)
  if (!flags.execute) {
    return { schema: action, data: moveData(plan, plan.rev, null), text: `${shown}\napply: ${apply}` }
  }
  // On stderr, like the question below it: stdout is for data that was asked for, and a script asks for it with --json.
  if (!app.terminal.json) app.terminal.say(shown)
  await consent(app, move, plan, apply)
  const { rev } = await applyReset(world.admin, plan, {
    by: operator(),
    reason: flags.reason === undefined || flags.reason === noReason ? null : flags.reason,
    action,
    ifRev: ifRev ?? plan.rev,
    ...(flags.acceptDrift && { acceptDrift: true }),
  })
  const undo = undoCommand(app, plan, rev)
  if (!app.terminal.json) app.terminal.say(`Done: ${action} ${name} (rev ${rev})\nundo: ${undo}`)
  return { schema: action, data: moveData(plan, rev, undo), text: '' }
}

async function consent({ terminal }: App, { name, flags, action }: Move, plan: ResetPlan, command: string): Promise<void> {
  if (plan.direction !== 'skip' && action !== 'reset-token' && !flags.acceptDrift) {
    return await consentToRepeat(terminal, `Apply the plan to ${name}?`, flags.yes === true)
  }
  const loss =
    plan.direction === 'skip' ? `${formatChanges(plan.changes)} will never be delivered` : 'changes may never be delivered'
  await consentToLoss(terminal, { name, loss, confirmed: flags.confirm ?? [], command })
}

/** `data` of reset@1 and reset-token@1; `undo` is there once it was executed. */
function moveData(plan: ResetPlan, rev: number, undo: string | null): object {
  const { name, direction, from, to, changes, oplog, lease } = plan
  return {
    name,
    rev,
    executed: undo !== null,
    direction,
    from: positionData(from),
    to: positionData(to),
    changes: { count: changes.count, exact: changes.exact },
    oplog: oplog === null ? null : { from: clusterDate(oplog.from), to: clusterDate(oplog.to) },
    lease,
    undo,
  }
}

function movedSince({ name, rev }: ResetPlan, ifRev: number): StreamError<'POSITION_MOVED'> {
  return new StreamError('POSITION_MOVED', `${name} moved since the plan: it is at rev ${rev}, not ${ifRev}`, {
    details: { stream: name, rev, why: 'A worker saved a position, or somebody moved it. Nothing was changed: plan again.' },
  })
}
