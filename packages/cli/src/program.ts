import { Command, CommanderError } from 'commander'
import { usage } from './input/usage.js'
import type { Described } from './help/completion.js'
import { type CommandEntry, type CommandModule, registry } from './commands/registry.js'

/** The command line, understood: which command, with what. */
export interface Invocation {
  readonly entry: CommandEntry
  readonly module: CommandModule
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

export type Parsed =
  | { readonly kind: 'command'; readonly invocation: Invocation }
  /** `--help` or `--version`: text for stdout. */
  | { readonly kind: 'text'; readonly topic: 'help' | 'version'; readonly text: string }

/**
 * Reads the command line; the file of the command that it names is loaded here, and no other.
 * `onCommand` is told the command as soon as it is known, for the report of a mistake in its options.
 * @throws {StreamError} USAGE
 */
export async function parse(argv: readonly string[], version: string, onCommand: (name: string) => void): Promise<Parsed> {
  let invocation: Invocation | null = null
  let shown = ''
  const program = buildProgram(async (entry, command) => {
    onCommand(entry.name)
    const module = await configured(entry, command)
    command.action(() => {
      invocation = { entry, module, args: command.args, options: { ...program.opts(), ...command.opts() } }
    })
  })
  program.version(version, '-V, --version', 'print the version')
  silence(program, (text) => (shown += text))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { kind: 'text', topic: 'help', text: shown }
    if (error.code === 'commander.version') return { kind: 'text', topic: 'version', text: shown }
    if (error.code === 'commander.help') throw usage('no command was given', 'boletia-streams does nothing by itself.')
    throw usage(sentence(error.message), 'The command line was not understood; nothing was done.')
  }
  if (invocation === null) throw usage('no command was given', 'boletia-streams does nothing by itself.')
  return { kind: 'command', invocation }
}

/** The help of one command, or null for an unknown one. */
export async function helpOf(name: string): Promise<string | null> {
  const entry = registry.find((candidate) => candidate.name === name || candidate.alias === name)
  if (entry === undefined) return null
  const commands = new Map<string, Command>()
  buildProgram(async () => {}, commands)
  const command = commands.get(entry.name) as Command
  await configured(entry, command)
  return helpText(command)
}

/** Every command with its options, all loaded; by each name that it has. */
export async function describeCommands(): Promise<Described[]> {
  const commands = new Map<string, Command>()
  buildProgram(async () => {}, commands)
  const described = await Promise.all(
    registry.map(async (entry) => {
      const command = commands.get(entry.name) as Command
      await configured(entry, command)
      const options = command.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : []))
      const told = { summary: entry.summary, options: [...options, { flag: '--help', description: 'print this help' }] }
      return namesOf(entry).map((name) => ({ name, ...told }))
    }),
  )
  return described.flat()
}

function namesOf({ name, alias }: CommandEntry): string[] {
  const [group = '', nested] = name.split(' ')
  const short = nested === undefined ? alias : groups[group]?.alias && `${groups[group].alias} ${nested}`
  return short === undefined ? [name] : [name, short]
}

export function overview(): string {
  return helpText(buildProgram(async () => {}))
}

function helpText(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

/** Loads a command's file; its own options come before those that all have. */
async function configured(entry: CommandEntry, command: Command): Promise<CommandModule> {
  const module = await entry.load()
  module.configure(command)
  if (entry.places) withPlaces(command)
  withOutput(command)
  return module
}

/** What nested commands have in common. */
const groups: Readonly<Record<string, { readonly summary: string; readonly alias?: string }>> = {
  token: { summary: 'resume tokens' },
  config: { summary: 'the config' },
  'dead-letters': { summary: 'parked changes', alias: 'dlq' },
}

type Loader = (entry: CommandEntry, command: Command) => Promise<void>

function buildProgram(load: Loader, commands = new Map<string, Command>()): Command {
  const program = new Command('boletia-streams')
    .description('Run, replay and reset named MongoDB change streams.')
    // Options of a command belong to that command: `--reason --json` must not be cut in two by the program.
    .enablePositionalOptions()
    .exitOverride()
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', '\nTopics: exit-codes, states, where, times, consent, config (boletia-streams help <topic>)')
  withOutput(withPlaces(program))
  const entries = new Map<Command, CommandEntry>()
  const hook = async (_parent: Command, command: Command) => {
    const entry = entries.get(command)
    if (entry !== undefined) await load(entry, command)
  }
  program.hook('preSubcommand', hook)
  for (const entry of registry) {
    const [first = '', second] = entry.name.split(' ')
    const parent =
      second === undefined
        ? program
        : (program.commands.find((group) => group.name() === first) ?? groupOf(program, first).hook('preSubcommand', hook))
    const command = parent.command(second ?? first).description(entry.summary)
    if (entry.alias !== undefined) command.alias(entry.alias)
    entries.set(command, entry)
    commands.set(entry.name, command)
  }
  return program
}

function groupOf(program: Command, name: string): Command {
  const { summary = '', alias } = groups[name] ?? {}
  const group = program.command(name).description(summary).helpCommand(false)
  return alias === undefined ? group : group.alias(alias)
}

function withOutput(command: Command): Command {
  return command.option('--json', 'exactly one JSON document on stdout').option('--verbose', 'stack traces of errors')
}

function withPlaces(command: Command): Command {
  return command
    .option('--config <file>', 'config file (default: the nearest boletia-streams.config.*)')
    .option('--uri <uri>', 'connection string (default: MONGODB_URI, MONGODB_URI_FILE, the config’s)')
    .option('--db <name>', 'database, when the config names none (default: the connection string’s)')
}

/** Nothing is written by commander itself: errors become reports, help becomes data. */
function silence(command: Command, collect: (text: string) => void): void {
  command.configureOutput({ writeOut: collect, writeErr: () => {} })
  for (const sub of command.commands) silence(sub, collect)
}

function sentence(message: string): string {
  return message.replace(/^error: /, '').replace(/\n\(Did you mean (.*?)\?\)$/s, '; did you mean $1?')
}
