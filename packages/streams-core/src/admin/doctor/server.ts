import type { MongoClient } from 'mongodb'
import { headroomMs } from '../../core/headroom.js'
import { oplogWindow } from '../../mongo/oplogWindow.js'
import { errorNumber } from '../../core/errorClass.js'
import { type Diagnosis, well } from './finding.js'

const hourMs = 3_600_000
const skewMs = 5000

/** The server itself: version, test commands, clock, oplog. */
export async function diagnoseServer(client: MongoClient, clock: () => number): Promise<readonly Diagnosis[]> {
  return [await version(client), await testCommands(client), await clockSkew(client, clock), await oplog(client)]
}

async function version(client: MongoClient): Promise<Diagnosis> {
  const { version, versionArray } = await client.db('admin').command({ buildInfo: 1 })
  if ((versionArray as number[])[0]! >= 6) return well('server', `a replica set, MongoDB ${version}`)
  const message = `MongoDB ${version} is older than 6.0, the oldest that is supported`
  return {
    about: 'server',
    level: 'critical',
    stream: null,
    message,
    fix: 'upgrade the server: https://www.mongodb.com/docs/manual/release-notes/',
  }
}

async function testCommands(client: MongoClient): Promise<Diagnosis> {
  try {
    const { enableTestCommands } = await client.db('admin').command({ getParameter: 1, enableTestCommands: 1 })
    if (enableTestCommands !== true && enableTestCommands !== 1) return well('test-commands', 'test commands are off')
  } catch (error) {
    // Whoever may not ask may not use them either.
    if (errorNumber(error) !== null) return well('test-commands', 'whether test commands are on may not be asked')
    throw error
  }
  return {
    about: 'test-commands',
    level: 'warning',
    stream: null,
    message: 'test commands are enabled: anybody with a login can make this server fail',
    fix: 'start mongod without --setParameter enableTestCommands=1',
  }
}

async function clockSkew(client: MongoClient, clock: () => number): Promise<Diagnosis> {
  const before = clock()
  const { localTime } = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
  const after = clock()
  const skew = Math.round((localTime as Date).getTime() - (before + after) / 2)
  if (Math.abs(skew) <= skewMs + (after - before)) return well('clock', 'this machine’s clock and the server’s agree')
  return {
    about: 'clock',
    level: 'warning',
    stream: null,
    message: `the server’s clock is ${Math.abs(Math.round(skew / 1000))} s ${skew > 0 ? 'ahead of' : 'behind'} this machine’s: log times and positions do not fit together`,
    fix: 'sudo timedatectl set-ntp true   (on both machines)',
  }
}

async function oplog(client: MongoClient): Promise<Diagnosis> {
  const found = await oplogWindow(client)
  if (found === null) return well('oplog', 'its window may not be read: see privileges')
  const windowMs = headroomMs(found.last, found)
  if (windowMs === null) return well('oplog', 'too young to say how long it reaches back')
  const hours = windowMs / hourMs
  const told =
    hours >= 1 ? `${Math.floor(hours)} h` : `${Math.floor(windowMs / 60_000)} min ${Math.floor((windowMs % 60_000) / 1000)} s`
  if (hours >= 24) return well('oplog', `at the present write rate it reaches back ${told}`)
  const megabytes = Math.max(990, Math.ceil(((found.maxBytes / 1_048_576) * 24) / Math.max(hours, 0.001)))
  return {
    about: 'oplog',
    level: hours < 1 ? 'critical' : 'warning',
    stream: null,
    message: `at the present write rate the oplog reaches back only ${told}: a stream that stands still longer loses changes`,
    fix: `mongosh <admin uri> --eval 'db.adminCommand({replSetResizeOplog: 1, size: ${Math.min(megabytes, 1_000_000)}.0, minRetentionHours: 24})'   (on each member)`,
  }
}
