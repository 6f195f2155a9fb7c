import type { Level, Limits } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App, Outcome } from '../app.js'
import { selectNames } from '../input/names.js'
import { parseCounts, parseDurations } from '../input/threshold.js'
import { usage } from '../input/usage.js'
import { type Checked, checkText, findingText, nagiosText, prometheusText } from '../output/checkFormats.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface CheckFlags {
  readonly maxLag?: string
  readonly minHeadroom?: string
  readonly maxParked?: string
  readonly maxStuck?: string
  readonly format?: string
}

const exits: Record<Level, number> = { ok: 0, warning: 10, critical: 11 }
const nagiosExits: Record<Level, number> = { ok: 0, warning: 1, critical: 2 }

export const command: CommandModule<CheckFlags> = {
  configure(check: Command) {
    check
      .argument('[glob]', 'only these, for example "stream*"')
      .option('--max-lag <duration>', 'critical when further behind: 15m; warning and critical: 5m,15m')
      .option('--min-headroom <duration>', 'critical when the oplog forgets the position sooner: 6h; or 24h,6h')
      .option('--max-parked <n>', 'critical when more changes are parked: 0; or 0,10')
      .option('--max-stuck <duration>', 'critical when behind at the same position for longer (default: two minutes); or 1m,5m')
      .option('--format <format>', 'text, nagios or prometheus (default: text)')
      .addHelpText(
        'after',
        '\nFor monitors: exit 0, 10 (warning) or 11 (critical); with --format nagios 0, 1, 2, and 3 when nothing could be found out.' +
          ' A stream that is halted, stale, stuck or whose position is lost is critical; one that is stopped, paused or new, or whose definition changed, is a warning.' +
          ' Of a stream that is not in the config only a halt is told. Without a config nothing can be said: exit 2.' +
          '\n\nExamples:\n  boletia-streams check\n  boletia-streams check "stream*" --max-lag 5m,15m --min-headroom 6h\n  boletia-streams check --max-parked 0 --format nagios',
      )
  },

  async run(app, args, flags) {
    const { format = 'text' } = flags
    if (!['text', 'nagios', 'prometheus'].includes(format))
      throw usage(`--format: "${format}" is none of text, nagios, prometheus`, 'Write for example --format nagios.')
    return await check(app, args, flags)
  },
}

async function check(app: App, args: readonly string[], { format = 'text', ...flags }: CheckFlags): Promise<Outcome> {
  const limits = limitsOf(flags)
  const { assess, listStreams, streamNames, worst } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config required')
  const names =
    args.length === 0 ? undefined : selectNames(args, await streamNames(world.admin), 'the config and the saved state')
  const checked = (await listStreams(world.admin, names === undefined ? {} : { names })).map((status): Checked => {
    const findings = assess({ ...status, drift: status.fingerprint.drift, failed: isHalted(status) }, limits)
    return { status, findings, level: worst(findings.map(({ level }) => level)) }
  })
  if (checked.length === 0) app.terminal.say('No stream is defined or saved here.')
  const level = worst(checked.map((one) => one.level))
  const texts: Record<string, () => string> = {
    text: () => checkText(checked),
    nagios: () => nagiosText(level, checked, limits),
    prometheus: () => prometheusText(checked),
  }
  return {
    schema: 'check',
    data: { level, streams: checked.map(checkedData) },
    text: texts[format]?.() ?? '',
    exit: (format === 'nagios' ? nagiosExits : exits)[level],
  }
}

function limitsOf({ maxLag, minHeadroom, maxParked, maxStuck }: CheckFlags): Limits {
  return {
    ...(maxLag !== undefined && { maxLagMs: parseDurations(maxLag, '--max-lag') }),
    ...(minHeadroom !== undefined && { minHeadroomMs: parseDurations(minHeadroom, '--min-headroom', 'below') }),
    ...(maxParked !== undefined && { maxParked: parseCounts(maxParked, '--max-parked') }),
    ...(maxStuck !== undefined && { maxStuckMs: parseDurations(maxStuck, '--max-stuck') }),
  }
}

/** By its documents alone: `state` says `orphan` of one that is not in the config. */
function isHalted({ lastError, lease }: Checked['status']): boolean {
  return lastError !== null && lease === null
}

function checkedData({ status, level, findings }: Checked): object {
  const told = findings.map((finding) => ({ ...finding, message: findingText(finding, status) }))
  return { name: status.name, level, state: status.state, findings: told }
}
