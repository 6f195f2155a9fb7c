import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { anchor, ticket } from '../harness/backlog.js'
import { type Child, startNode } from '../harness/child.js'
import type { Figures } from '../harness/types.js'
import type { Contender, Ground, Suite } from '../harness/suite.js'

const readers = { ours: 'ours, handle', projecting: 'ours, exactly once', driver: 'the driver’s own resume' } as const
type Reader = keyof typeof readers
const everyMs = 20

/** kill -9 of the primary of three: from the first acknowledged majority write after it to that change being handled. */
export const failover: Suite = {
  name: 'failover',
  full: { boundMs: 5000 },
  quick: { boundMs: 1500 },
  server: { nodes: 3 },
  contenders() {
    // All of them see the same failover; the first one's run brings it about.
    let same: Promise<Record<Reader, Figures>>
    return Object.entries(readers).map(([reader, name]): Contender => ({
      name,
      run: async (ground) => (await (reader === 'ours' ? (same = one(ground)) : same))[reader as Reader],
    }))
  },
}

async function one({ set, client, sizes, database: fresh }: Ground): Promise<Record<Reader, Figures>> {
  const database = fresh()
  const begin = await anchor(client, database)
  await client.db(database).createCollection('target', { writeConcern: { w: 'majority' } })
  const order = { uri: set.uri, database, ...begin, count: 0, measure: 'seen' }
  await using ours = startNode('ours', { ...order, mode: 'count' })
  await using projecting = startNode('ours', { ...order, mode: 'project' })
  await using driver = startNode('driver', order)
  const children = { ours, projecting, driver }
  const seen = { ours: arrivals(ours), projecting: arrivals(projecting), driver: arrivals(driver) }
  await Promise.all(Object.values(children).map((child) => child.heard('opened')))

  const writing = await startWriting(set.uri, database)
  await until(() => Object.values(seen).every((ids) => ids.size > 20), 15_000)
  for (const [reader, ids] of Object.entries(seen))
    if (ids.size <= 20) throw new Error(`${reader} does not read before the fault`)
  const primary = set.primary()
  if (primary === undefined) throw new Error('there is no primary to kill')
  const killedAt = wallMs()
  const from = writing.accepted.size
  await primary.kill('SIGKILL')
  await until(() => writing.accepted.has(from + 1), 30_000)
  const acceptedAt = writing.accepted.get(from + 1)
  if (acceptedAt === undefined) throw new Error('no write was accepted within 30 s of the kill')
  await until(() => Object.values(seen).every((ids) => ids.has(from + 1)), sizes.boundMs!)
  await writing.stop()
  await primary.restart()
  await until(() => set.primary() !== undefined, 15_000)
  // A majority write by all three: the restarted one has caught up, and the next kill finds a majority.
  await client
    .db(database)
    .collection('written')
    .insertOne({}, { writeConcern: { w: 3, wtimeoutMS: 30_000 } })

  const gap = (reader: Reader): Figures => {
    const at = seen[reader].get(from + 1)
    // A change can be handled before its writer has the answer.
    return {
      gapMs: at === undefined ? null : Math.max(0, Math.round(at - acceptedAt)),
      outageMs: Math.round(acceptedAt - killedAt),
    }
  }
  return { ours: gap('ours'), projecting: gap('projecting'), driver: gap('driver') }
}

function arrivals(child: Child): ReadonlyMap<number, number> {
  const ids = new Map<number, number>()
  child.on('seen', ({ id, at }) => void (ids.has(Number(id)) || ids.set(Number(id), Number(at))))
  return ids
}

/** Writes 1, 2, 3, … with majority, each until it is accepted. */
async function startWriting(uri: string, database: string) {
  const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 30_000 }).connect()
  const source = client.db(database).collection<{ _id: number }>('source')
  const accepted = new Map<number, number>()
  const stopping = new AbortController()
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      const id = accepted.size + 1
      const write = source.replaceOne({ _id: id }, ticket(id), { upsert: true, writeConcern: { w: 'majority' } })
      if (await write.then(() => true).catch(() => false)) accepted.set(id, wallMs())
      await delay(everyMs)
    }
    await client.close()
  })()
  return {
    accepted,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition() && performance.now() < deadline) await delay(5)
}

const wallMs = () => performance.timeOrigin + performance.now()
