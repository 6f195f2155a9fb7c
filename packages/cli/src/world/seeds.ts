import { StreamError } from '@boletia/streams-core/errors'
import type { Document, MongoClient } from 'mongodb'

/** The latest `hello` of each address that has answered the driver, also of those that it then left out as no member of the set that the URI names. */
export type Answered = ReadonlyMap<string, Document>

/** To be called before the client connects. Nothing is asked beyond what the driver's monitors ask, so login and TLS are its own. */
export function listenToSeeds(client: MongoClient): Answered {
  const answered = new Map<string, Document>()
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => void answered.set(connectionId, reply))
  return answered
}

/** Where a set's name goes wrong first. */
export interface Asked {
  readonly uri: string
  /** `replicaSet` of the URI or of the options. */
  readonly setName: string | undefined
}

/**
 * Why no server could be chosen although some answered: it is a standalone, a set that was never initiated, or one of another name. Null when
 * their answers explain nothing, as when a set has no primary at the moment.
 */
export function misfit(answered: Answered, { uri, setName }: Asked, cause: unknown): StreamError | null {
  const answers = [...answered]
  if (answers.some(([, hello]) => hello['msg'] === 'isdbgrid' || (setName !== undefined && hello['setName'] === setName)))
    return null
  const [other] = answers.filter(([, hello]) => typeof hello['setName'] === 'string')
  if (other !== undefined) return setName === undefined ? null : otherName(other, { uri, setName }, cause)
  const [uninitiated] = answers.find(([, hello]) => hello['isreplicaset'] === true) ?? []
  if (uninitiated !== undefined)
    return new StreamError('NOT_A_REPLICA_SET', `${uninitiated} is to be of a replica set that was never initiated`, {
      cause,
      details: { why: 'mongod was started with --replSet, and rs.initiate() has not been run yet.', uninitiated },
    })
  return answers.length === 0 ? null : standalone(cause)
}

export function standalone(cause?: unknown): StreamError {
  return new StreamError('NOT_A_REPLICA_SET', 'this MongoDB is a standalone server: it has no change streams', {
    ...(cause !== undefined && { cause }),
    details: { why: 'Change streams read the oplog, which only the members of a replica set write; one member is enough.' },
  })
}

function otherName(
  [address, hello]: [string, Document],
  { uri, setName }: Asked & { setName: string },
  cause: unknown,
): StreamError {
  const name = String(hello['setName'])
  const option = /([?&]replicaSet=)[^&]*/i
  return new StreamError('UNREACHABLE', `the replica set of ${address} is called ${name}, not ${setName}`, {
    cause,
    details: {
      why: `replicaSet=${setName} ${option.test(uri) ? 'in the URI' : 'in the options of the connection'} leaves out every server of another set.`,
      ...(option.test(uri) && {
        corrected: uri
          .replace(option, (_all, key: string) => key + encodeURIComponent(name))
          .replace(/(:\/\/[^/@:]*):.*@/s, '$1:<password>@'),
      }),
    },
  })
}
