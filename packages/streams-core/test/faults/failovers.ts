import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { expect } from 'vitest'
import { defineStream, runStream, sharedReaders } from '../../src/index.js'
import { onNewPrimary } from '../../src/mongo/newPrimary.js'
import { type MongodNode, type ReplicaSet, testDatabase } from '../../src/testing/index.js'

/** Two streams and the driver's own loop on one collection, each on a client of its own, while somebody keeps writing. */
export interface Traffic extends AsyncDisposable {
  /** Begins a measurement: resolves when the first write after the fault was accepted, and each reader has had its time for it. */
  after(fault: (primary: MongodNode) => Promise<void>): Promise<Gaps>
  /** Waits until both streams have everything that was written, and checks it. */
  complete(): Promise<void>
}

/** Milliseconds from the acceptance of the first write after the fault to its arrival; the driver has `patienceMs`, then it is null. */
export interface Gaps {
  /** How many writes were accepted until both streams had the first one: about 40 a second, and fewer the slower the machine is. */
  readonly behind: number
  /** From the fault to that acceptance. */
  readonly outageMs: number
  readonly handle: number
  readonly project: number
  readonly driver: number | null
}

const patienceMs = 2500

/** The primary as a client sees it, by its monitors. */
function primaryOf(client: MongoClient): { address(): string | null } {
  let address: string | null = null
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    address = [...newDescription.servers.values()].find(({ type }) => type === 'RSPrimary')?.address ?? null
  })
  return { address: () => address }
}

/** `shared`: the two streams have one client and one cursor. */
export async function traffic(set: ReplicaSet, { shared } = { shared: false }): Promise<Traffic> {
  const place = await testDatabase(set.uri)
  const { uri } = place
  const writer = new MongoClient(uri)
  const forHandle = new MongoClient(uri)
  const forProject = shared ? forHandle : new MongoClient(uri)
  const forDriver = new MongoClient(uri)
  const clients = [writer, forHandle, forProject, forDriver]
  const primary = primaryOf(writer)
  await writer.db().createCollection('source')
  const accepted = new Map<number, number>()
  let written = 0
  const handled = new Map<number, number>()
  const projected = new Map<number, number>()
  const read = new Map<number, number>()
  const seen = (arrivals: Map<number, number>) => (id: unknown) => {
    if (!arrivals.has(id as number)) arrivals.set(id as number, performance.now())
  }

  const byHandle = defineStream({
    name: 'byHandle',
    watch: { collection: 'source' },
    handle: async (change) => seen(handled)(change.documentKey?._id),
  })
  const byProject = defineStream({
    name: 'byProject',
    watch: { collection: 'source' },
    targets: { counts: { collection: 'counts' } },
    project: (change) => [
      { target: 'counts', updateOne: { filter: { _id: change.documentKey?._id }, update: { $inc: { n: 1 } }, upsert: true } },
    ],
  })
  // The observer names no document: it is the next one, because a stream is in order.
  let nextProjected = 1
  const stopping = new AbortController()
  const { signal } = stopping
  const readers = shared && { readers: sharedReaders() }
  const runs = [
    runStream(byHandle, { client: forHandle, signal, ...readers }),
    runStream(byProject, {
      client: forProject,
      signal,
      ...readers,
      observer: { settled: () => seen(projected)(nextProjected++) },
    }),
  ]

  const plain = forDriver.db().collection('source').watch([], { maxAwaitTimeMS: 500 })
  const reading = (async () => {
    for (;;) {
      const change = await plain.next()
      if ('documentKey' in change) seen(read)(change.documentKey._id)
    }
  })().catch(() => undefined)
  await expect.poll(() => runs.map((run) => run.status.phase)).toEqual(['running', 'running'])

  const writing = (async () => {
    while (!signal.aborted) {
      await write(writer, written + 1)
      accepted.set(++written, performance.now())
      await delay(20)
    }
  })()

  return {
    async after(fault) {
      await expect.poll(() => handled.size > 20 && projected.size > 20).toBe(true)
      const former = primary.address()
      const at = performance.now()
      await fault(set.nodes.find(({ port }) => former?.endsWith(`:${port}`))!)
      await expect.poll(() => ![former, null].includes(primary.address()), { timeout: 90_000, interval: 5 }).toBe(true)
      const first = written + 1
      // A majority may wait for a secondary that still syncs from the frozen primary: up to 30 s were seen.
      await expect.poll(() => accepted.has(first), { timeout: 90_000, interval: 5 }).toBe(true)
      await expect.poll(() => handled.has(first) && projected.has(first), { timeout: 90_000, interval: 5 }).toBe(true)
      const behind = written - first
      await expect
        .poll(() => read.has(first), { timeout: patienceMs, interval: 20 })
        .toBe(true)
        .catch(() => undefined)
      // A change can arrive before its writer has the answer.
      const since = (arrivals: Map<number, number>) => Math.max(0, Math.round(arrivals.get(first)! - accepted.get(first)!))
      return {
        behind,
        outageMs: Math.round(accepted.get(first)! - at),
        handle: since(handled),
        project: since(projected),
        driver: read.has(first) ? since(read) : null,
      }
    },

    async complete() {
      expect(runs.map(({ status }) => status.reader)).toEqual(shared ? ['shared', 'shared'] : ['own', 'own'])
      stopping.abort(new Error('enough written'))
      await writing
      await Promise.all(runs.map((run) => run.done))
      for (const [stream, client] of [
        [byHandle, forHandle],
        [byProject, forProject],
      ] as const)
        await runStream(stream, { client, until: 'caught-up' }).done
      const ids = Array.from({ length: written }, (_, index) => index + 1)
      expect([...handled.keys()].sort((a, b) => a - b)).toEqual(ids)
      const counts = await writer
        .db()
        .collection('counts')
        .find({}, { sort: { _id: 1 } })
        .toArray()
      expect(counts).toEqual(ids.map((_id) => ({ _id, n: 1 })))
    },

    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the test is over'))
      await Promise.all(runs.map((run) => run.done.catch(() => undefined)))
      await writing.catch(() => undefined)
      await plain.close()
      await reading
      await Promise.all(clients.map((client) => client.close()))
      await place[Symbol.asyncDispose]()
    },
  }
}

/** Until it is accepted; a repeat finds it there. A frozen primary would hold it for the driver's patience: the next primary is asked at once. */
async function write(client: MongoClient, id: number): Promise<void> {
  for (;;) {
    let end = () => {}
    const elsewhere = new Promise<never>((_, reject) => (end = onNewPrimary(client, () => reject(new Error('another primary')))))
    const insert = client
      .db()
      .collection<{ _id: number }>('source')
      .insertOne({ _id: id }, { writeConcern: { w: 'majority' } })
    try {
      return void (await Promise.race([insert, elsewhere]))
    } catch (error) {
      insert.catch(() => undefined)
      if ((error as { code?: number }).code === 11000) return
      await delay(10)
    } finally {
      end()
    }
  }
}

export const stepDown = (set: ReplicaSet) => async (): Promise<void> => {
  await using client = new MongoClient(set.uri)
  await client.db('admin').command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 2 })
}
