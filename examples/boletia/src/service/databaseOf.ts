/** The database that a connection string names in its path, else `boletia`: the driver alone would say `test`. */
export function databaseOf(uri: string): string {
  return named(uri) ?? 'boletia'
}

/** Whether a connection string names its database itself. */
export function namesDatabase(uri: string): boolean {
  return named(uri) !== null
}

function named(uri: string): string | null {
  const name = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1]
  return name === undefined ? null : decodeURIComponent(name)
}
