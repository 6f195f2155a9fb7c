import type { CrashPoint } from '@boletia/streams-core/testing'
import type { Fault } from './faults.js'
import type { Mode } from './orders.js'

/** How a process gets to a crash point. */
export interface Place {
  /** In which modes a worker passes it; an operator's move, or a stream that parks, passes the others. */
  readonly modes: readonly Mode[]
  /** Once a change or once a batch, so that one can wait for the nth time. */
  readonly often: boolean
  /** Only a run that has caught up comes there. */
  readonly quiet: boolean
  /** Only after a fault of the server. */
  readonly fault: Fault | null
}

const all: readonly Mode[] = ['project', 'guarded', 'handle', 'lanes']
const once: Place = { modes: all, often: false, quiet: false, fault: null }
const eachChange: Place = { ...once, often: true }
const inTransaction: Place = { ...eachChange, modes: ['project'] }
const outside: Place = { ...eachChange, modes: ['guarded', 'handle', 'lanes'] }
const atTheEnd: Place = { ...once, quiet: true }
// A stream with existing documents, or one whose oplog has forgotten its position: guarantees/backfill.test.ts.
const elsewhere: Place = { ...once, modes: [] }
const operator: Place = { ...once, modes: [] }
/** Only a stream passes it of which a change cannot be handled (programs/parking.ts). */
const parking: Place = { ...once, modes: [] }

/** Every registered point has its place here, or this does not compile. */
export const places: Readonly<Record<CrashPoint, Place>> = {
  'start.anchored': once,
  'start.created': once,
  'lease.created': once,
  'lease.acquired': once,
  'claim.sessionsKilled': once,
  'claim.fenced': once,
  'claim.settled': once,
  'claim.targetsEnsured': once,
  'lease.renewing': once,
  'lease.renewed': once,
  'backfill.asked': elsewhere,
  'backfill.answered': elsewhere,
  'backfill.ending': elsewhere,
  'backfill.ended': elsewhere,
  'gap.anchored': elsewhere,
  'gap.passed': elsewhere,
  'read.opened': once,
  'read.asked': eachChange,
  'read.answered': eachChange,
  'handler.begun': eachChange,
  'handler.done': eachChange,
  'transaction.checkpointWritten': inTransaction,
  'effects.partWritten': { ...eachChange, modes: ['project', 'guarded'] },
  'transaction.committing': inTransaction,
  'transaction.committed': inTransaction,
  'bulk.effectsWritten': { ...eachChange, modes: ['guarded'] },
  'checkpoint.saving': outside,
  'checkpoint.saved': outside,
  'heartbeat.saving': atTheEnd,
  'heartbeat.saved': atTheEnd,
  'park.writing': parking,
  'park.written': parking,
  'park.committed': parking,
  'redrive.begun': parking,
  'redrive.failing': parking,
  'redrive.removing': parking,
  'redrive.removed': parking,
  'redrive.committed': parking,
  'redrive.released': parking,
  'reopen.begun': { ...once, fault: 'readFails' },
  'release.begun': atTheEnd,
  'release.checkpointReleased': atTheEnd,
  'release.leaseReleased': atTheEnd,
  'move.acquired': operator,
  'move.sessionsKilled': operator,
  'move.positionWritten': operator,
  'move.committing': operator,
  'move.committed': operator,
  'move.released': operator,
}

export const points = Object.keys(places) as CrashPoint[]

export const pointsOf = (mode: Mode) => points.filter((point) => places[point].modes.includes(mode))

export const movePoints = points.filter((point) => places[point] === operator)

export const parkingPoints = points.filter((point) => places[point] === parking)
export const backfillPoints = points.filter((point) => places[point] === elsewhere)

/** Only a stream that nobody has owned yet comes here, so a process that stops here is no owner: another one gets the stream at once. */
export const isBeforeOwner = (point: CrashPoint) => point.startsWith('start.') || point === 'lease.created'

/** After this the run does nothing that could be fenced: it may end without having noticed its successor. */
export const mayEndCleanly = (point: CrashPoint) => point.startsWith('release.') || point === 'heartbeat.saved'
