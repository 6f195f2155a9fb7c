import type { Diagnosis, Level } from '@boletia/streams-core/admin'
import type { Command } from 'commander'
import type { App, Outcome } from '../app.js'
import { errorReport } from '../output/errorReport.js'
import { redactedJson } from '../output/redactedJson.js'
import { table } from '../output/table.js'
import type { Style, Terminal } from '../output/terminal.js'
import { driverFailure } from '../world/driverFailure.js'
import { type World, openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

const exits: Record<Level, number> = { ok: 0, warning: 10, critical: 11 }

export const command: CommandModule<{ readonly role?: true }> = {
  configure(doctor: Command) {
    doctor
      .option('--role', 'print the least privileges that these streams need, for mongosh')
      .addHelpText(
        'after',
        '\nLooks at the environment: config, replica set, privileges, oplog, clocks, post-images, indexes, other processes. Each finding carries its fix. Nothing is changed. Exit 0, 10 (warning) or 11 (critical).' +
          '\n\nExamples:\n  boletia-streams doctor\n  boletia-streams doctor --json\n  boletia-streams doctor --role | mongosh <admin uri>',
      )
  },

  async run(app, _args, { role }) {
    if (role) return await printRole(app)
    const findings = await examine(app)
    const { worst } = await import('@boletia/streams-core/admin')
    const level = worst(findings.map((finding) => finding.level))
    return {
      schema: 'doctor',
      data: { level, findings, role: null, roles: [] },
      text: report(findings, app.terminal),
      exit: exits[level],
    }
  },
}

/** What keeps the others from being looked at is a finding too: a config that does not load, a server that does not answer. */
async function examine(app: App): Promise<readonly Diagnosis[]> {
  try {
    await using world: World = await openWorld(app, 'config optional')
    const { diagnose } = await import('@boletia/streams-core/admin')
    const config: Diagnosis = {
      about: 'config',
      level: world.configFile === null ? 'warning' : 'ok',
      stream: null,
      message: world.configFile === null ? 'there is no config: only the server can be looked at' : `${world.configFile} loads`,
      fix: world.configFile === null ? app.again('init') : null,
    }
    return [config, ...(await diagnose(world.admin))]
  } catch (error) {
    const { code, message, why, nextActions } = errorReport(driverFailure(error), app)
    // A bug of ours is no finding about the environment.
    if (code === 'INTERNAL') throw error
    const about =
      code.startsWith('CONFIG') || code === 'NO_URI' || code === 'NO_DATABASE' || code === 'INVALID_OPTIONS' ? 'config' : 'server'
    const fix = nextActions.map(({ command: typed }) => typed).join('\n') || why
    return [{ about, level: 'critical', stream: null, message: `${message} (${why})`, fix }]
  }
}

async function printRole(app: App): Promise<Outcome> {
  const { leastRoles } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config required')
  const found = leastRoles(world.admin).map(({ connections, privileges }) => ({
    connections,
    role: { createRole: 'boletiaStreams', privileges, roles: [] },
  }))
  const created = ({ connections, role }: (typeof found)[number]) =>
    `${found.length === 1 ? '' : `// on ${connections.join(', ')}\n`}db.getSiblingDB("admin").runCommand(${redactedJson(app.terminal.redactor, role, 2)})`
  if (found.length > 1)
    app.warn(`there is a role for each of ${found.length} connections: create each where it belongs, not all in one mongosh`)
  const data = { level: 'ok', findings: [], role: found[0]?.role ?? null, roles: found }
  return { schema: 'doctor', data, text: { redacted: found.map(created).join('\n\n') } }
}

function report(findings: readonly Diagnosis[], terminal: Terminal): string {
  const styles: Record<Level, Style> = { ok: 'green', warning: 'yellow', critical: 'red' }
  const lines = table(
    findings.map(({ level, about, stream, message }) => [
      terminal.style('data', styles[level], level),
      stream === null ? about : `${about} ${stream}`,
      message,
    ]),
  ).split('\n')
  return lines
    .flatMap((line, index) => [
      line,
      ...(findings[index]?.fix?.split('\n') ?? []).map((fix, n) => `    ${n === 0 ? 'fix' : '   '}  ${fix}`),
    ])
    .join('\n')
}
