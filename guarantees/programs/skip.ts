// An operator who parks the change that has halted the stream, and may die while doing it. skip.js <uri> <kind> <token> [point]
import { planSkip, skipChange } from '@boletia/streams-core/admin'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import type { ParkingKind } from '../harness/poison.js'
import { noting } from './noting.js'
import { ambusher, say } from './stdio.js'

const [uri, kind, token, point] = process.argv.slice(2) as [string, ParkingKind, string, CrashPoint | undefined]
const client = await new MongoClient(uri, { appName: 'operator' }).connect()
const ambush = ambusher(point === undefined ? [] : [{ point, nth: 1, signal: 'SIGKILL' }])
const admin = { client, streams: [noting(kind, { isBroken: true, onError: 'stop' })] }
const plan = await planSkip(admin, 'parking', token)
await skipChange(admin, plan, { by: 'operator', reason: null, observer: { passing: (passed) => ambush(passed.point) } })
say({ event: 'ended', reason: 'skipped' })
await client.close()
