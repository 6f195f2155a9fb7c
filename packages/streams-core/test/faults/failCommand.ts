import type { Document, MongoClient } from 'mongodb'

/** Makes commands of one client (by its appName) on one collection fail with a number; awaiting the returned function ends it. */
export async function failCommand(
  client: MongoClient,
  { command, namespace, code, times }: { command: string; namespace: string; code: number; times?: number },
): Promise<AsyncDisposable> {
  const set = (mode: unknown, data?: Document) =>
    client.db('admin').command({ configureFailPoint: 'failCommand', mode, ...(data && { data }) })
  await set(times === undefined ? 'alwaysOn' : { times }, {
    failCommands: [command],
    namespace,
    errorCode: code,
    appName: 'stream',
  })
  return { [Symbol.asyncDispose]: async () => void (await set('off')) }
}
