// A process to be killed while it parks and puts back. parking.js <uri> <handle|project|guarded> <broken|mended> <on|once> [point]
// Runs a stream that notes each change's number at its key; broken, it cannot handle one of them. With a crash point it kills itself there.
import { type Stream, type StreamOptions, defineStream, isStreamError, runStream } from '@boletia/streams-core'
import { guardedUpdate } from '@boletia/streams-core/guards'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { type Numbered, type ParkingKind, isPoison } from '../harness/poison.js'
import { ambusher, say } from './stdio.js'

const [uri, kind, state, how, point] = process.argv.slice(2) as [
  string,
  ParkingKind,
  'broken' | 'mended',
  'on' | 'once',
  CrashPoint | undefined,
]

const noted = ({ key, n }: Numbered) => ({ filter: { _id: key }, update: { $push: { done: n } }, upsert: true })

function refuse(numbered: Numbered): void {
  if (state === 'broken' && isPoison(numbered)) throw new Error('poison')
}

type Work = Pick<StreamOptions<Numbered>, 'handle'> | Pick<StreamOptions<Numbered>, 'project' | 'delivery'>

const works: Readonly<Record<ParkingKind, Work>> = {
  project: {
    project({ fullDocument }) {
      refuse(fullDocument as Numbered)
      return [{ target: 'target', updateOne: noted(fullDocument as Numbered) }]
    },
  },
  guarded: {
    delivery: 'bulk',
    project({ fullDocument }, context) {
      refuse(fullDocument as Numbered)
      const { filter, update } = noted(fullDocument as Numbered)
      return [guardedUpdate(context, { target: 'target', filter, update })]
    },
  },
  handle: {
    async handle({ fullDocument }, context) {
      refuse(fullDocument as Numbered)
      const { filter, update, upsert } = noted(fullDocument as Numbered)
      await context.target<{ _id: number; done: number[] }>('target').updateOne(filter, update, { upsert })
    },
  },
}

const stream: Stream<Numbered> = defineStream<Numbered>({
  name: 'parking',
  watch: { collection: 'source' },
  key: ({ fullDocument }) => fullDocument?.key,
  targets: { target: { collection: 'target' } },
  retry: { attempts: 1 },
  onError: 'park',
  ...works[kind],
})

const client = await new MongoClient(uri, { appName: 'parking' }).connect()
const ambush = ambusher(point === undefined ? [] : [{ point, nth: 1, signal: 'SIGKILL' }])
const run = runStream(stream, {
  client,
  observer: {
    opened: () => say({ event: 'opened', at: Date.now() }),
    ...(point !== undefined && { passing: (passed) => ambush(passed.point) }),
  },
  ...(how === 'once' && { until: 'caught-up' as const }),
})
try {
  say({ event: 'ended', reason: (await run.done).reason })
} catch (error) {
  say({ event: 'failed', code: isStreamError(error) ? error.code : 'none' })
  console.error(error)
  process.exitCode = 1
}
await client.close()
