/** A command that can be pasted into a POSIX shell: arguments are quoted where they must be. */
export function shellCommand(args: readonly string[]): string {
  return ['boletia-streams', ...args.map(shellWord)].join(' ')
}

/** What was typed, once more and with more options: before `--`, behind which all is a name. */
export function withOptions(argv: readonly string[], ...options: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return end === -1 ? [...argv, ...options] : [...argv.slice(0, end), ...options, ...argv.slice(end)]
}

/** Placeholders like `<name>` stay as they are: they are for the reader, and a shell refuses them. */
export function shellWord(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) || /^<[\w ]+>$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}
