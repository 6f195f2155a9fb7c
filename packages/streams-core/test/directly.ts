/** The same user and database on one member of the set alone. */
export const directly = (uri: string, port: number) =>
  `${uri.replace(/@[^/]+/, `@127.0.0.1:${port}`).replace(/replicaSet=[^&]*&?/, '')}&directConnection=true`
