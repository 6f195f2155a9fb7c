/**
 * Every place at which a process can die on the way of a change, with what is true there. An observer is told when a run passes one
 * (`Observer.passing`), so that a test's worker can end or freeze itself exactly there: guarantees/crashPoints.test.ts does it at each.
 */
export const crashPoints = {
  'start.anchored': 'a first position is known and not saved',
  'start.created': 'the first position is saved; nobody owns the stream',
  'lease.created': 'there is a lease document, or was one before; it is not ours',
  'lease.acquired': 'the lease is ours with a new epoch; the former owner can still commit',
  'claim.sessionsKilled': 'what the former owner had open is ended; it can still open something new',
  'claim.fenced': 'every older claim matches nothing; the lease still lists the former sessions',
  'claim.settled': 'only our sessions are listed',
  'claim.targetsEnsured': 'the collections and indexes of the targets exist',
  'lease.renewing': 'a third of the lease has passed',
  'lease.renewed': 'the lease lasts from now on again; its owner does not know yet',
  'backfill.asked': 'everything read before is settled or in hand',
  'backfill.answered': 'existing documents are in hand, or the last ones were',
  'backfill.ending': 'every existing document is settled; that this is so is not saved',
  'backfill.ended': 'the position is where the live changes begin',
  'gap.anchored': 'the oplog has forgotten the position, and a new one is known and not saved',
  'gap.passed': 'the new position is saved, with what was lost',
  'read.opened': 'there is a cursor behind the checkpoint',
  'read.asked': 'everything read before is settled',
  'read.answered': 'a change is in hand, or nothing came',
  'handler.begun': 'the change is about to be handed over',
  'handler.done': 'the handler has returned; a projection has written nothing yet',
  'transaction.checkpointWritten': 'the open transaction holds the checkpoint and no effect',
  'effects.partWritten': 'the writes of one collection are done, in the transaction or for good; those of another perhaps not',
  'transaction.committing': 'the open transaction holds everything',
  'transaction.committed': 'checkpoint and effects are durable; the worker does not know more than that',
  'bulk.effectsWritten': 'the effects are durable and the checkpoint is not',
  'checkpoint.saving': 'the change is handled and not saved',
  'checkpoint.saved': 'the change is handled and saved',
  'heartbeat.saving': 'everything up to a position without a change is settled; it is not saved',
  'heartbeat.saved': 'a position without a change is saved',
  'park.writing':
    'the open transaction holds the checkpoint and not yet the dead letter of a change that failed, or that is held',
  'park.written': 'the open transaction holds checkpoint and dead letter',
  'park.committed': 'the dead letter is durable; the worker does not know more than that',
  'redrive.begun': 'a dead letter is in hand; its change is not handed over',
  'redrive.failing': 'put back, the change failed again; nobody knows',
  'redrive.removing': 'the change is handled, or its writes are about to be in the open transaction; the dead letter is there',
  'redrive.removed': 'the open transaction holds the removal of the dead letter, and not yet the writes of a projection',
  'redrive.committed': 'the change is handled and its dead letter gone; the worker does not know more than that',
  'redrive.released': 'nothing of the key is parked or held any more; its next change is handled at once',
  'reopen.begun': 'reading or saving failed in a way that may pass; whether the last commit landed may be unknown',
  'release.begun': 'the run has ended; checkpoint and lease are still ours',
  'release.checkpointReleased': 'the checkpoint says that it was a clean stop; the lease is still ours',
  'release.leaseReleased': 'nobody owns the stream',
  'move.acquired': "an operator's move owns the lease; the former owner can still commit",
  'move.sessionsKilled': 'what the former owner had open is ended',
  'move.positionWritten': 'the open transaction holds the moved position and no row of the history',
  'move.committing': 'the open transaction holds the moved position and its row',
  'move.committed': 'the position is moved; the lease is still the operator’s',
  'move.released': 'the position is moved; nobody owns the stream',
} as const satisfies Record<string, string>

export type CrashPoint = keyof typeof crashPoints

/** Announces that a run passes a point; synchronous, so that nothing else happens in between. */
export type Passing = (point: CrashPoint) => void

/** Where nobody looks. */
export const unobserved: Passing = () => undefined
