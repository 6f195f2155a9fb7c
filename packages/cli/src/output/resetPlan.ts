import type { ResetPlan } from '@boletia/streams-core/admin'
import type { Move } from '../move.js'
import { clusterDate, formatChanges, formatDuration, formatTime } from './format.js'
import { holderText } from './holderText.js'
import { positionText } from './positionData.js'
import { table } from './table.js'
import type { Terminal } from './terminal.js'

/** The plan for people: from, to, effect, the oplog's window, who holds the stream. */
export function planText(terminal: Terminal, { name, action, flags }: Move, plan: ResetPlan): string {
  const { rev, from, to, oplog, headroomMs, fingerprint } = plan
  const state = flags.execute ? '' : `   ${terminal.style('data', 'yellow', 'nothing changed yet')}`
  const window =
    oplog === null
      ? 'its window may not be read'
      : `${formatTime(clusterDate(oplog.from))} … now${headroomMs === null ? '' : ` (headroom of the target ${formatDuration(headroomMs)})`}`
  const rows = [
    ['from', positionText(from)],
    ['to', positionText(to)],
    ['effect', effect(plan, terminal)],
    ['oplog', window],
    ['lease', holderText(plan)],
  ]
  if (fingerprint.drift)
    rows.push([
      'drift',
      `its definition changed since the position was saved (${fingerprint.savedHash}, now ${fingerprint.hash}): needs --accept-drift`,
    ])
  const lines = table(rows.map(([label = '', value = '']) => [`  ${label}`, value]))
  return `${terminal.style('data', 'bold', `Plan: ${action} ${name} (rev ${rev})`)}${state}\n${lines}`
}

function effect({ direction, from, to, changes }: ResetPlan, terminal: Terminal): string {
  const distance = formatDuration(Math.abs(to.clusterTime.t - from.clusterTime.t) * 1000)
  if (direction === 'none') return 'NONE: it is there already'
  if (direction === 'rewind') return `REWIND ${distance}: ${formatChanges(changes)} will be delivered again`
  return terminal.style('data', 'red', `SKIP ${distance}: ${formatChanges(changes)} will never be delivered`)
}
