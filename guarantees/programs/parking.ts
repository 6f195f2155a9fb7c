// A process to be killed while it parks and puts back. parking.js <uri> <handle|project|guarded> <broken|mended> <on|once|halting> [point] [nth]
// Runs a stream that notes each change's number at its key; broken, it cannot handle one of them: then it parks it, or halts. With a crash point it kills
// itself when it passes that for the nth time.
import { isStreamError, runStream } from '@boletia/streams-core'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import type { ParkingKind } from '../harness/poison.js'
import { noting } from './noting.js'
import { ambusher, say } from './stdio.js'

const [uri, kind, state, how, point, nth = '1'] = process.argv.slice(2) as [
  string,
  ParkingKind,
  'broken' | 'mended',
  'on' | 'once' | 'halting',
  CrashPoint | undefined,
  string | undefined,
]

const stream = noting(kind, { isBroken: state === 'broken', onError: how === 'halting' ? 'stop' : 'park' })
const client = await new MongoClient(uri, { appName: 'parking' }).connect()
const ambush = ambusher(point === undefined ? [] : [{ point, nth: Number(nth), signal: 'SIGKILL' }])
const run = runStream(stream, {
  client,
  observer: {
    opened: () => say({ event: 'opened', at: Date.now() }),
    ...(point !== undefined && { passing: (passed) => ambush(passed.point) }),
  },
  ...(how !== 'on' && { until: 'caught-up' as const }),
})
try {
  say({ event: 'ended', reason: (await run.done).reason })
} catch (error) {
  const { code, token } = isStreamError(error)
    ? { code: error.code, token: error.details['token'] as string }
    : { code: 'none', token: '' }
  say({ event: 'failed', code, token })
  console.error(error)
  process.exitCode = 1
}
await client.close()
