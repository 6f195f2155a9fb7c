import type { MongoClient } from 'mongodb'

/** A fault of the server that only workers meet. */
export type Fault =
  /** A commit lands and its answer says that nobody knows, more often than a worker asks again. */
  | 'unknownCommit'
  /** A read fails with an error after which the driver does not resume. */
  | 'readFails'

const failures = {
  unknownCommit: {
    times: 12,
    data: { failCommands: ['commitTransaction'], writeConcernError: { code: 64, errmsg: 'nobody knows' } },
  },
  readFails: { times: 1, data: { failCommands: ['getMore'], errorCode: 1 } },
}

/** The server has to be started with `enableTestCommands`. https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point */
export async function arm(client: MongoClient, fault: Fault): Promise<void> {
  const { times, data } = failures[fault]
  await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times }, data: { ...data, appName: 'worker' } })
}

export async function disarm(client: MongoClient): Promise<void> {
  await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' })
}
