import type { SkipPlan } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { consentToLoss } from '../consent.js'
import { parseRev } from '../input/number.js'
import { usage } from '../input/usage.js'
import { operator } from '../operator.js'
import { clusterDate, formatChanges, formatTime, shortToken } from '../output/format.js'
import { holderText } from '../output/holderText.js'
import { noReason, withReason } from '../output/moveCommands.js'
import { positionData, positionText } from '../output/positionData.js'
import { counting, shownWhile } from '../output/progressBar.js'
import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import { collect } from './collect.js'
import type { CommandModule } from './registry.js'

interface SkipFlags {
  readonly change?: string
  readonly execute?: true
  readonly ifRev?: string
  readonly confirm?: readonly string[]
  readonly reason?: string
}

export const command: CommandModule<SkipFlags> = {
  configure(skip: Command) {
    skip
      .argument('<name>', 'the stream')
      .option('--change <token>', 'the change: its resume token, as the error of the run prints it')
      .option('--execute', 'apply the plan')
      .option('--if-rev <n>', 'only if nobody moved the position since the plan with this revision (else exit 5)')
      .option('--confirm <name>', 'consent to not handling it now: the stream’s name', collect)
      .option('--reason <text>', 'kept in the history')
      .addHelpText(
        'after',
        '\nFor a stream that a change has halted: the change becomes a dead letter, the position goes behind it, and later changes of its key are held' +
          '\nuntil dead-letters redrive puts it back, or discard throws it away. Changes before it that are unsettled stay to be handled.' +
          '\n\nExamples:\n  boletia-streams skip streamReserva --change 826B01A3…\n  boletia-streams skip streamReserva --change 826B01A3… --execute --confirm streamReserva --reason "no such event"',
      )
  },

  async run(app, [name = ''], { change, execute, ifRev, confirm = [], reason }) {
    const token = tokenOf(change)
    const expected = ifRev === undefined ? undefined : parseRev(ifRev, '--if-rev')
    const { planSkip, skipChange } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config required')
    const plan = await shownWhile(app.terminal, counting, planSkip(world.admin, name, token))
    const bound = ['--if-rev', String(plan.rev), '--execute', '--confirm', name]
    const apply = withReason(app, ['skip', name, '--change', token, ...bound], reason)
    const data = skipData(app, plan)
    const shown = planText(app, plan, execute === true)
    if (!execute) return { schema: 'skip', data, text: `${shown}\napply: ${apply}` }
    if (!app.terminal.json) app.terminal.say(shown)
    const loss = 'the change is not handled, and later ones of its key wait, until it is put back'
    await consentToLoss(app.terminal, { name, loss, confirmed: confirm, command: apply })
    const { rev } = await skipChange(world.admin, plan, {
      by: operator(),
      reason: reason === undefined || reason === noReason ? null : reason,
      ifRev: expected ?? plan.rev,
    })
    const undo = app.again('dead-letters', 'redrive', name, plan.id, '--execute')
    app.terminal.say(`Done: parked as ${plan.id} (rev ${rev}); go on with ${app.again('run', name)}\nundo: ${undo}`)
    return { schema: 'skip', data: { ...data, rev, executed: true, undo }, text: '' }
  },
}

/** @throws {StreamError} USAGE */
function tokenOf(change: string | undefined): string {
  if (change === undefined) throw usage('skip: which change?', 'Give --change <token>: the error of the run has it.')
  return change.replace(/^token:/, '')
}

function skipData(app: App, { name, rev, letter, id, documentId, from, to, before, owner, lease }: SkipPlan) {
  const { position, operationType, key } = letter
  const { redactor } = app.terminal
  return {
    name,
    rev,
    executed: false,
    change: { ...positionData(position), operationType, documentId: redactor.document({ _id: documentId })._id },
    key,
    letter: id,
    from: positionData(from),
    to: positionData(to),
    before,
    owner,
    lease,
    undo: null,
  }
}

function planText({ terminal }: App, plan: SkipPlan, execute: boolean): string {
  const { name, rev, letter, documentId, from, to, before } = plan
  const state = execute ? '' : `   ${terminal.style('data', 'yellow', 'nothing changed yet')}`
  const { position, operationType } = letter
  const what = [formatTime(clusterDate(position.clusterTime)), shortToken(position.token), operationType]
  const stays = `stays: ${formatChanges({ count: before, exact: true })} before it ${before === 1 ? 'is' : 'are'} not settled yet`
  const rows = [
    ['  change', [...what, JSON.stringify(terminal.redactor.document({ _id: documentId }))].join('   ')],
    ['  from', positionText(from)],
    ['  to', before === 0 ? positionText(to) : stays],
    ['  effect', terminal.style('data', 'red', 'PARK: it becomes a dead letter, and later changes of its key are held')],
    ['  lease', holderText(plan)],
  ]
  return `${terminal.style('data', 'bold', `Plan: skip a change of ${name} (rev ${rev})`)}${state}\n${table(rows)}`
}
