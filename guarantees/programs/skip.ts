// An operator who parks the change that comes next, because it has halted the stream, and may die while doing it. skip.js <uri> <kind> [point]
import { peek, planSkip, skipChange } from '@boletia/streams-core/admin'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import type { ParkingKind } from '../harness/poison.js'
import { noting } from './noting.js'
import { ambusher, say } from './stdio.js'

const [uri, kind, point] = process.argv.slice(2) as [string, ParkingKind, CrashPoint | undefined]
const client = await new MongoClient(uri, { appName: 'operator' }).connect()
const ambush = ambusher(point === undefined ? [] : [{ point, nth: 1, signal: 'SIGKILL' }])
const admin = { client, streams: [noting(kind, { isBroken: true, onError: 'stop' })] }
const { changes } = await peek(admin, 'parking', { limit: 1 })
const plan = await planSkip(admin, 'parking', changes[0]!.token)
await skipChange(admin, plan, { by: 'operator', reason: null, observer: { passing: (passed) => ambush(passed.point) } })
say({ event: 'ended', reason: 'skipped' })
await client.close()
