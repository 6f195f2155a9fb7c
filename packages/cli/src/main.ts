import { Console } from 'node:console'
import { Writable } from 'node:stream'
import type { App } from './app.js'
import { failureEnvelope, successEnvelope } from './output/envelope.js'
import { errorReport } from './output/errorReport.js'
import { isForNagios, unknownToNagios } from './output/forNagios.js'
import type { FailedCommand } from './output/nextActions.js'
import { createRedactor } from './output/redact.js'
import { renderError } from './output/renderError.js'
import { shellCommand } from './output/shellCommand.js'
import { watchOutput } from './output/standardOutput.js'
import { type Terminal, createTerminal } from './output/terminal.js'
import { version } from './packageVersion.js'
import { parse } from './program.js'
import { driverFailure } from './world/driverFailure.js'

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const flags = beforeDashes(argv)
  const redactor = createRedactor()
  for (const uri of [...uriArguments(flags), process.env['MONGODB_URI']]) if (uri !== undefined) redactor.hideUri(uri)
  const terminal = createTerminal({ json: flags.includes('--json'), verbose: flags.includes('--verbose'), redactor })
  const called: Called = { failed: { command: null, names: [], argv, carried: [] } }
  guardOutput(terminal, called)
  const written = watchOutput()
  const exit = await call(argv, terminal, called)
  const lost = await written()
  if (lost !== null) {
    const failed = fail(terminal, lost, called.failed, 'say')
    await written()
    process.exit(exit === 0 ? failed : exit)
  }
  // A timer or a client that a config's module left open must not keep a finished command alive.
  process.exit(exit)
}

/** What is known of the command line so far, for the report of whatever fails. */
interface Called {
  failed: FailedCommand
}

async function call(argv: readonly string[], terminal: Terminal, called: Called): Promise<number> {
  const warnings: string[] = []
  try {
    const parsed = await parse(argv, version, (command) => (called.failed = { ...called.failed, command }))
    if (parsed.kind === 'text') {
      if (terminal.json) terminal.document(successEnvelope(parsed.topic, textData(parsed), []))
      else terminal.data(parsed.text)
      return 0
    }
    const { entry, module, args, options } = parsed.invocation
    const app = createApp({ argv, command: entry.name, names: namesStreams(entry.name, args) }, options, terminal, warnings)
    called.failed = app
    const outcome = await module.run(app, args, options)
    if (terminal.endsWithDocument && !outcome.streamed) terminal.document(successEnvelope(outcome.schema, outcome.data, warnings))
    else if (outcome.text !== '') terminal.data(outcome.text)
    return outcome.exit ?? 0
  } catch (error) {
    return fail(terminal, error, called.failed)
  }
}

/** The arguments that are names of streams; others (files, shells, tokens, ids) must not stand for one in what is typed next. */
function namesStreams(command: string, args: readonly string[]): readonly string[] {
  if (['token decode', 'import', 'init', 'completion', 'help'].includes(command)) return []
  return command.startsWith('dead-letters ') ? args.slice(0, 1) : args
}

/** Its document goes to stderr where stdout is what has failed. */
function fail(terminal: Terminal, error: unknown, failed: FailedCommand, to: 'data' | 'say' = 'data'): number {
  const found = errorReport(driverFailure(error), failed)
  const { report, text } = isForNagios(failed) ? unknownToNagios(found) : { report: found, text: '' }
  renderError(terminal, report)
  if (terminal.endsWithDocument) terminal.document(failureEnvelope(report), to)
  else if (text !== '' && to === 'data') terminal.data(text)
  return report.exit
}

function textData({ topic, text }: { topic: 'help' | 'version'; text: string }): object {
  return topic === 'help' ? { topic: null, text } : { version, node: process.versions.node }
}

function createApp(
  call: Pick<App, 'argv' | 'command' | 'names'>,
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  warnings: string[],
): App {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
  const flags = { config: text('config'), uri: text('uri'), db: text('db') }
  const carried = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
  return {
    ...call,
    carried,
    flags,
    env: process.env,
    cwd: process.cwd(),
    terminal,
    warn(message) {
      warnings.push(message)
      terminal.say(`${terminal.style('say', 'yellow', 'warning')}  ${message}`)
    },
    again: (...args) => shellCommand([...args, ...carried]),
  }
}

/** What others write passes the redactor too, and never stdout: a handler's console.log would break the one document there. */
function guardOutput(terminal: Terminal, called: Called): void {
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      terminal.say(String(chunk))
      done()
    },
  })
  globalThis.console = new Console({ stdout: sink, stderr: sink })
  process.removeAllListeners('warning')
  process.on('warning', (warning) => terminal.say(`${warning.name}: ${warning.message}`))
  process.on('uncaughtException', (error) => {
    process.exit(fail(terminal, error, called.failed))
  })
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

function uriArguments(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) =>
    argument === '--uri' ? (argv[index + 1] ?? []) : argument.startsWith('--uri=') ? argument.slice('--uri='.length) : [],
  )
}
