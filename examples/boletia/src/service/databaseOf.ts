/** The database that a connection string names in its path, else `boletia`: the driver alone would say `test`. */
export function databaseOf(uri: string): string {
  const named = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1]
  return named === undefined ? 'boletia' : decodeURIComponent(named)
}
