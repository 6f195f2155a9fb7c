import type { DeletePlan } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import { consentToLoss } from '../consent.js'
import { parseRev } from '../input/number.js'
import { operator } from '../operator.js'
import { holderText } from '../output/holderText.js'
import { noReason, withReason } from '../output/moveCommands.js'
import { positionData, positionText } from '../output/positionData.js'
import { table } from '../output/table.js'
import type { Terminal } from '../output/terminal.js'
import { openWorld } from '../world/open.js'
import { collect } from './collect.js'
import type { CommandModule } from './registry.js'

interface DeleteFlags {
  readonly execute?: true
  readonly ifRev?: string
  readonly confirm?: readonly string[]
  readonly reason?: string
}

export const command: CommandModule<DeleteFlags> = {
  configure(remove: Command) {
    remove
      .argument('<name>', 'the stream')
      .option('--execute', 'apply the plan')
      .option('--if-rev <n>', 'only if nobody moved the position since the plan with this revision (else exit 5)')
      .option('--confirm <name>', 'consent to forgetting the position: the stream’s name', collect)
      .option('--reason <text>', 'kept in the history')
      .addHelpText(
        'after',
        '\nForgets the saved position: the next run of the stream begins like that of a new one, so --execute needs --confirm.' +
          '\n\nExamples:\n  boletia-streams delete streamViejo\n  boletia-streams delete streamViejo --execute --confirm streamViejo --reason "retired"',
      )
  },

  async run(app, [name = ''], { execute, ifRev, confirm = [], reason }) {
    const expected = ifRev === undefined ? undefined : parseRev(ifRev, '--if-rev')
    const { deleteStream, planDelete } = await import('@boletia/streams-core/admin')
    await using world = await openWorld(app, 'config optional')
    const plan = await planDelete(world.admin, name)
    const apply = withReason(app, ['delete', name, '--if-rev', String(plan.rev), '--execute', '--confirm', name], reason)
    const { rev, from, owner, lease } = plan
    const data = { name, rev, executed: false, from: positionData(from), owner, lease, undo: null }
    const shown = planText(app.terminal, plan, execute === true)
    if (!execute) return { schema: 'delete', data, text: `${shown}\napply: ${apply}` }
    if (!app.terminal.json) app.terminal.say(shown)
    const loss = 'its position is forgotten: changes that come until its next start are not delivered'
    await consentToLoss(app.terminal, { name, loss, confirmed: confirm, command: apply })
    const done = await deleteStream(world.admin, plan, {
      by: operator(),
      reason: reason === undefined || reason === noReason ? null : reason,
      ifRev: expected ?? rev,
    })
    const undo = app.again('reset', name, '--to', 'prev', '--if-rev', String(done.rev), '--execute')
    app.terminal.say(`Done: ${name} is forgotten (rev ${done.rev})\nundo: ${undo}`)
    return { schema: 'delete', data: { ...data, rev: done.rev, executed: true, undo }, text: '' }
  },
}

function planText(terminal: Terminal, plan: DeletePlan, execute: boolean): string {
  const state = execute ? '' : `   ${terminal.style('data', 'yellow', 'nothing changed yet')}`
  const then = plan.defined ? 'its next run begins like that of a new stream' : 'it is in no config: it leaves the list'
  const rows = [
    ['  from', positionText(plan.from)],
    ['  effect', terminal.style('data', 'red', `FORGET: ${then}`)],
    ['  lease', holderText(plan)],
  ]
  return `${terminal.style('data', 'bold', `Plan: delete ${plan.name} (rev ${plan.rev})`)}${state}\n${table(rows)}`
}
