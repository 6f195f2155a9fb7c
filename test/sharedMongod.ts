import type { TestProject } from 'vitest/node'
import { sharedReplicaSet } from '../packages/streams-core/src/testing/index.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The replica set that all `.mongo.test.ts` files share, without a database: give it to `testDatabase`. */
    mongoUri: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const set = await sharedReplicaSet({ onDownload: (line) => console.error(line) })
  project.provide('mongoUri', set.uri)
  return () => set.stop()
}
