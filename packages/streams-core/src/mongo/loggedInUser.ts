import type { MongoClient } from 'mongodb'

const known = new WeakMap<MongoClient, Promise<string | null>>()

/** `<user>@<database that knows it>`; null where the server asks nobody for a login. Asked once for each client. */
export async function loggedInUser(client: MongoClient): Promise<string | null> {
  const asked = known.get(client) ?? ask(client)
  known.set(client, asked)
  // A failure is the moment's: the next one asks again.
  asked.catch(() => known.delete(client))
  return await asked
}

async function ask(client: MongoClient): Promise<string | null> {
  const { authInfo } = await client.db('admin').command({ connectionStatus: 1 }, { readPreference: 'primary' })
  const [user] = authInfo.authenticatedUsers as readonly { user: string; db: string }[]
  return user === undefined ? null : `${user.user}@${user.db}`
}
