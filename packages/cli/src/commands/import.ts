import type { ImportPlan } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { consentToLoss, consentToRepeat } from '../consent.js'
import { operator } from '../operator.js'
import { formatChanges } from '../output/format.js'
import { holderText } from '../output/holderText.js'
import { noReason, withReason } from '../output/moveCommands.js'
import { positionData, positionText } from '../output/positionData.js'
import { table } from '../output/table.js'
import { openWorld } from '../world/open.js'
import { collect } from './collect.js'
import type { CommandModule } from './registry.js'

interface ImportFlags {
  readonly execute?: true
  readonly confirm?: readonly string[]
  readonly yes?: true
  readonly reason?: string
}

export const command: CommandModule<ImportFlags> = {
  configure(positions: Command) {
    positions
      .argument('<file>', 'what export printed')
      .option('--execute', 'apply the plan')
      .option('--confirm <name>', 'consent to skipping changes of this stream; repeatable', collect)
      .option('--yes', 'do not ask before delivering again')
      .option('--reason <text>', 'kept in the history')
      .addHelpText(
        'after',
        '\nPuts positions back. Prints a plan; --execute applies it, stream after stream. Forwards, changes are skipped: that needs --confirm for each stream.' +
          ' A position of an unknown stream, of another collection or cluster, or one that no longer opens refuses the whole file.' +
          '\n\nExamples:\n  boletia-streams import positions.json\n  boletia-streams import positions.json --execute --confirm streamReserva --reason "restored"',
      )
  },

  async run(app, [file = ''], { execute, confirm = [], yes, reason }) {
    const [{ readImportFile }, { importPosition, planImport, tokenTime }] = await Promise.all([
      import('../input/importFile.js'),
      import('@boletia/streams-core/admin'),
    ])
    const wanted = readImportFile(file, tokenTime)
    await using world = await openWorld(app, 'config optional')
    const plans = await planImport(world.admin, wanted)
    const skips = plans.filter(({ direction }) => direction === 'skip').map(({ name }) => name)
    const apply = withReason(app, ['import', file, '--execute', ...skips.flatMap((name) => ['--confirm', name])], reason)
    const shown = plansText(app, plans, execute === true)
    if (!execute) {
      const data = { executed: false, streams: plans.map((plan) => planData(plan, plan.rev, null)) }
      return { schema: 'import', data, text: `${shown}\napply: ${apply}` }
    }
    if (!app.terminal.json) app.terminal.say(shown)
    // All consents before the first write.
    for (const { name, direction, changes } of plans)
      if (direction === 'skip')
        await consentToLoss(app.terminal, {
          name,
          loss: `${formatChanges(changes)} will never be delivered`,
          confirmed: confirm.includes(name) ? [name] : confirm,
          command: apply,
        })
    if (skips.length < plans.length) await consentToRepeat(app.terminal, 'Apply the plan?', yes === true)
    const streams: object[] = []
    for (const plan of plans) {
      if (plan.direction === 'none') {
        streams.push(planData(plan, plan.rev, null))
        continue
      }
      const told = reason === undefined || reason === noReason ? null : reason
      const { rev } = await importPosition(world.admin, plan, { by: operator(), reason: told })
      const undo = undoOf(app, plan, rev)
      app.terminal.say(`Done: import ${plan.name} (rev ${rev})\nundo: ${undo}`)
      streams.push(planData(plan, rev, undo))
    }
    return { schema: 'import', data: { executed: true, streams }, text: '' }
  },
}

function undoOf(app: App, { name, direction }: ImportPlan, rev: number): string {
  const consent = ['--if-rev', String(rev), '--execute', ...(direction === 'skip' ? [] : ['--confirm', name])]
  return direction === 'new' ? app.again('delete', name, ...consent) : app.again('reset', name, '--to', 'prev', ...consent)
}

function plansText({ terminal }: App, plans: readonly ImportPlan[], execute: boolean): string {
  const state = execute ? '' : `   ${terminal.style('data', 'yellow', 'nothing changed yet')}`
  const effects = { new: 'NEW: nothing is saved of it', none: 'NONE: it is there already' }
  const rows = plans.map((plan) => [
    `  ${plan.name}`,
    positionText(plan.to),
    plan.direction === 'rewind'
      ? `REWIND: ${formatChanges(plan.changes)} will be delivered again`
      : plan.direction === 'skip'
        ? terminal.style('data', 'red', `SKIP: ${formatChanges(plan.changes)} will never be delivered`)
        : effects[plan.direction],
    holderText(plan),
  ])
  return `${terminal.style('data', 'bold', `Plan: import ${plans.length} ${plans.length === 1 ? 'position' : 'positions'}`)}${state}\n${table(rows)}`
}

function planData(
  { name, direction, from, to, changes, owner, lease }: ImportPlan,
  rev: number | null,
  undo: string | null,
): object {
  return {
    name,
    rev,
    direction,
    from: positionData(from),
    to: positionData(to),
    changes: { count: changes.count, exact: changes.exact },
    owner,
    lease,
    undo,
  }
}
