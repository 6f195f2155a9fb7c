import { findMongod } from '../packages/streams-core/src/testing/mongod/findMongod.js'

/** Finds the mongod once for the files that start their own; the workers inherit the answer. */
export default async function setup(): Promise<void> {
  process.env.MONGOMS_SYSTEM_BINARY = (await findMongod({ onDownload: (line) => console.error(line) })).path
}
