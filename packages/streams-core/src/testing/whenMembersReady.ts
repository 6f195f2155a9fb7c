import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'

/** Resolves when the set has its primary and `count - 1` secondaries: before that killing the primary would lose the set. */
export async function whenMembersReady(uri: string, count: number, timeoutMs = 30_000): Promise<void> {
  const client = new MongoClient(uri)
  const deadline = performance.now() + timeoutMs
  try {
    for (;;) {
      const status = await client.db('admin').command({ replSetGetStatus: 1 })
      const states = (status.members as { stateStr: string }[]).map((member) => member.stateStr)
      if (states.filter((state) => state === 'PRIMARY' || state === 'SECONDARY').length === count) return
      if (performance.now() > deadline)
        throw new Error(`The replica set is not complete after ${timeoutMs} ms: ${states.join(', ')}.`)
      await delay(20)
    }
  } finally {
    await client.close()
  }
}
