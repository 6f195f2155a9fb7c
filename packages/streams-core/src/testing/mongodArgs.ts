/** What a test may change about a mongod of its own. */
export interface MongodOptions {
  /** Extra arguments, e.g. `['--syncdelay', '1']`. */
  readonly args?: readonly string[]
  /** Size of the oplog in MB; with 1 and `--syncdelay 1` history is lost after 40 documents of 200 kB. */
  readonly oplogSizeMb?: number
  /** Server parameters, e.g. `{ enableTestCommands: true }` for `failCommand`. */
  readonly setParameters?: Readonly<Record<string, string | number | boolean>>
}

/** The arguments of mongod for these options. */
export function mongodArgs(options: MongodOptions): string[] {
  // A quarter of a GB for the cache: several mongods share a small machine. No diagnostic data: nobody reads it here.
  const args = ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false']
  if (options.oplogSizeMb !== undefined) args.push('--oplogSize', String(options.oplogSizeMb))
  for (const [name, value] of Object.entries(options.setParameters ?? {})) args.push('--setParameter', `${name}=${value}`)
  return [...args, ...(options.args ?? [])]
}
