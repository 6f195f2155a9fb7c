import { MongoClient } from 'mongodb'
import type { Crash, Example } from './example.js'
import { eventually } from './eventually.js'
import { type Worker, startWorker } from './startWorker.js'

export interface TrialOptions {
  /** Connection string with the database of this trial, an empty one. */
  readonly uri: string
  /** Told what happens, a line each. */
  readonly tell?: (line: string) => void
}

export interface Report {
  /** How many workers were killed while the application wrote. */
  readonly kills: number
  /** What the checker found wrong. */
  readonly faults: readonly string[]
}

/**
 * Plays an example: the application writes all the time, one worker after the other is killed with SIGKILL where the example says so, the
 * last one catches up and stops, and the checker looks at what is there.
 * @throws {Error} when a worker ends in any other way, or what is on its way does not settle
 */
export async function trial(example: Example, { uri, tell = () => undefined }: TrialOptions): Promise<Report> {
  await using client = await new MongoClient(uri).connect()
  const db = client.db()
  await example.prepare?.(db)
  const workers: Worker[] = []
  await using _all = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((each) => each[Symbol.asyncDispose]()))),
  }
  const start = (crash: Crash | undefined) => {
    const worker = startWorker(crash?.streams ?? example.streams, { ...example.env, MONGODB_URI: uri })
    workers.push(worker)
    return worker
  }

  const over = new AbortController()
  let working: Promise<void> | null = null
  let worker = start(example.crashes[0])
  for (const [index, crash] of example.crashes.entries()) {
    const next = start(example.crashes[index + 1])
    await worker.run(crash)
    // Not before: a stream without a saved position begins with what is written from then on.
    working ??= example.work(db, over.signal)
    await Promise.race([worker.died(), working.then(() => worker.died())])
    tell(`a worker was killed: ${placeOf(crash)}`)
    worker = next
  }
  await worker.run(null)
  working ??= example.work(db, over.signal)
  await Promise.race([eventually('the application has done enough', async () => (await example.enough?.(db)) ?? true), working])
  over.abort()
  await working
  tell('the application has stopped; the last worker catches up')
  await example.settle?.(db)
  await worker.finish()
  return { kills: example.crashes.length, faults: await example.check(db) }
}

const placeOf = (crash: Crash) =>
  'at' in crash ? `${crash.stream ?? 'a stream'} passed ${crash.at}` : `it had written ${crash.wrote}`
