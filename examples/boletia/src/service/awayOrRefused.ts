import { StreamError } from '@boletia/streams-core'
import { MongoServerError } from 'mongodb'

// Unauthorized, AuthenticationFailed: https://www.mongodb.com/docs/manual/reference/error-codes/
const codes = new Set<unknown>([13, 18])

export function isUnauthorised(error: unknown): boolean {
  return error instanceof MongoServerError && codes.has(error.code)
}

export function unauthorised(hosts: string, cause: unknown): StreamError {
  return new StreamError(
    'UNAUTHORISED',
    `the MongoDB at ${hosts} refuses this user: check the user and password in MONGODB_URI, and that the role is readWrite`,
    { cause },
  )
}

export function unreachable(hosts: string, cause: unknown): StreamError {
  return new StreamError(
    'UNREACHABLE',
    `no MongoDB answers at ${hosts}: check MONGODB_URI (host, port, replicaSet) and that mongod is running, then start again`,
    { cause },
  )
}
