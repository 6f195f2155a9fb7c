import { StreamError } from '@boletia/streams-core/errors'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import type { Redactor } from '../output/redact.js'

/** How long a server may take to be found: an operator waits for the answer, and a worker has its own retries. */
const serverSelectionTimeoutMS = 5000

/**
 * A client that is not connected yet. Its credentials are hidden from all output from here on.
 * @throws {StreamError} INVALID_OPTIONS when the connection string or an option is none; `source` says where it was given.
 */
export function createClient(uri: string, options: MongoClientOptions, source: string, redactor: Redactor): MongoClient {
  redactor.hideUri(uri)
  const { auth, tlsCertificateKeyFilePassword, passphrase, proxyPassword, authMechanismProperties } = options
  const token = authMechanismProperties?.AWS_SESSION_TOKEN
  for (const secret of [auth?.password, tlsCertificateKeyFilePassword, passphrase, proxyPassword, token])
    if (secret) redactor.hideSecret(secret)
  try {
    const client = new MongoClient(uri, {
      appName: 'boletia-streams',
      // The URI's own value stands.
      ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS }),
      ...options,
    })
    // Without a listener a late error of a monitor ends the process with Node's own trace.
    return client.on('error', () => {})
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    throw new StreamError('INVALID_OPTIONS', `${source} is no valid connection: ${told}`, {
      cause: error,
      details: {
        why: 'A connection string is mongodb://host[:port][,…]/[database][?options]; user and password stand before the host, percent-encoded.',
        help: 'config',
      },
    })
  }
}
