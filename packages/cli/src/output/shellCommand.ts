/** A command that can be pasted into a POSIX shell: arguments are quoted where they must be. */
export function shellCommand(args: readonly string[]): string {
  return ['boletia-streams', ...args.map(shellWord)].join(' ')
}

/** Placeholders like `<name>` stay as they are: they are for the reader, and a shell refuses them. */
export function shellWord(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) || /^<[\w ]+>$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}
