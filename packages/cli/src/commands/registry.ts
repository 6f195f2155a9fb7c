import type { Command } from 'commander'
import type { App, Outcome } from '../app.js'

/** What a command's file exports as `command`. Heavy things (driver, zod, logs) are imported inside `run`. */
export interface CommandModule<Options = Record<string, unknown>> {
  /** Arguments, options and the texts of its help. */
  configure(command: Command): void
  run(app: App, args: readonly string[], options: Options): Promise<Outcome>
}

export interface CommandEntry {
  /** As typed; a nested one with a space. */
  readonly name: string
  readonly alias?: string
  readonly summary: string
  /** False: it needs neither config nor server, and has no options for them. */
  readonly places: boolean
  load(): Promise<CommandModule<never>>
}

/** Every command of this version. A file is loaded when its command is called, or its help is. */
export const registry: readonly CommandEntry[] = [
  { name: 'run', summary: 'process changes until a signal', places: true, load: async () => (await import('./run.js')).command },
  {
    name: 'list',
    alias: 'ls',
    summary: 'every stream and where it stands',
    places: true,
    load: async () => (await import('./list.js')).command,
  },
  { name: 'status', summary: 'one stream in depth', places: true, load: async () => (await import('./status.js')).command },
  {
    name: 'check',
    summary: 'for monitors: is all well?',
    places: true,
    load: async () => (await import('./check.js')).command,
  },
  {
    name: 'doctor',
    summary: 'the environment: what is wrong, and its fix',
    places: true,
    load: async () => (await import('./doctor.js')).command,
  },
  {
    name: 'wait',
    summary: 'until a stream has caught up, runs, or holds still',
    places: true,
    load: async () => (await import('./wait.js')).command,
  },
  {
    name: 'peek',
    summary: 'the changes that come next',
    places: true,
    load: async () => (await import('./peek.js')).command,
  },
  {
    name: 'tail',
    summary: 'the changes as they come',
    places: true,
    load: async () => (await import('./tail.js')).command,
  },
  {
    name: 'reset',
    summary: 'move a saved position (plans first)',
    places: true,
    load: async () => (await import('./reset.js')).command,
  },
  {
    name: 'reset-token',
    summary: 'forget a saved position: go on from now (plans first)',
    places: true,
    load: async () => (await import('./resetToken.js')).command,
  },
  {
    name: 'replay',
    summary: 'deliver history to the handler again (plans first)',
    places: true,
    load: async () => (await import('./replay.js')).command,
  },
  {
    name: 'repair',
    summary: 'deliver existing documents for what the oplog forgot (plans first)',
    places: true,
    load: async () => (await import('./repair.js')).command,
  },
  {
    name: 'skip',
    summary: 'park the change that blocks a halted stream (plans first)',
    places: true,
    load: async () => (await import('./skip.js')).command,
  },
  {
    name: 'pause',
    summary: 'stop handing out changes, until resumed',
    places: true,
    load: async () => (await import('./pause.js')).command,
  },
  {
    name: 'resume',
    summary: 'take a pause back',
    places: true,
    load: async () => (await import('./resume.js')).command,
  },
  {
    name: 'history',
    summary: 'who moved a position, when and why',
    places: true,
    load: async () => (await import('./history.js')).command,
  },
  {
    name: 'delete',
    summary: 'forget a stream (plans first)',
    places: true,
    load: async () => (await import('./delete.js')).command,
  },
  {
    name: 'export',
    summary: 'saved positions as JSON',
    places: true,
    load: async () => (await import('./export.js')).command,
  },
  {
    name: 'import',
    summary: 'put exported positions back (plans first)',
    places: true,
    load: async () => (await import('./import.js')).command,
  },
  {
    name: 'dead-letters list',
    summary: 'what is parked, and what is held behind it',
    places: true,
    load: async () => (await import('./deadLettersList.js')).command,
  },
  {
    name: 'dead-letters show',
    summary: 'parked changes in full',
    places: true,
    load: async () => (await import('./deadLettersShow.js')).command,
  },
  {
    name: 'dead-letters redrive',
    summary: 'put parked changes through the handler again (plans first)',
    places: true,
    load: async () => (await import('./deadLettersRedrive.js')).command,
  },
  {
    name: 'dead-letters discard',
    summary: 'throw parked changes away (plans first)',
    places: true,
    load: async () => (await import('./deadLettersDiscard.js')).command,
  },
  {
    name: 'dead-letters export',
    summary: 'parked changes as JSON, one a line',
    places: true,
    load: async () => (await import('./deadLettersExport.js')).command,
  },
  {
    name: 'token decode',
    summary: 'what a resume token says',
    places: true,
    load: async () => (await import('./tokenDecode.js')).command,
  },
  {
    name: 'config show',
    summary: 'the config as it is understood',
    places: true,
    load: async () => (await import('./configShow.js')).command,
  },
  {
    name: 'config validate',
    summary: 'check the config without meeting MongoDB',
    places: true,
    load: async () => (await import('./configValidate.js')).command,
  },
  {
    name: 'init',
    summary: 'a new config and a sample stream',
    places: false,
    load: async () => (await import('./init.js')).command,
  },
  {
    name: 'completion',
    summary: 'a script that completes commands in your shell',
    places: false,
    load: async () => (await import('./completion.js')).command,
  },
  { name: 'help', summary: 'a command, or a topic', places: false, load: async () => (await import('./help.js')).command },
  {
    name: 'version',
    summary: 'the versions of the command and of Node',
    places: false,
    load: async () => (await import('./version.js')).command,
  },
]
