/**
 * The same connection string with this database as its default one. User names keep authenticating where they did.
 * Not the URL class: it refuses the several hosts of a replica set.
 */
export function databaseUri(uri: string, database: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri)
  if (parts === null) throw new TypeError('Not a MongoDB connection string (mongodb://host:port/?options).')
  const [, scheme, authority = '', former = '', query = ''] = parts
  const options = new URLSearchParams(query)
  // The path of the old string also said where its user lives.
  if (authority.includes('@') && !options.has('authSource')) options.set('authSource', former === '' ? 'admin' : former)
  const rest = options.size === 0 ? '' : `?${options.toString()}`
  return `${scheme}${authority}/${encodeURIComponent(database)}${rest}`
}
