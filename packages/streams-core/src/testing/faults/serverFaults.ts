import { MongoNetworkError, MongoServerError } from 'mongodb'

// The driver's own errors, as a server and a broken line make them.

/** The oplog does not reach back to where reading is to begin (286). */
export const historyLost = (): Error =>
  new MongoServerError({
    code: 286,
    codeName: 'ChangeStreamHistoryLost',
    errmsg: 'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    errorLabels: ['NonResumableChangeStreamError'],
  })

/** The server that was asked is the primary no longer (189). */
export const steppedDown = (): Error =>
  new MongoServerError({
    code: 189,
    codeName: 'PrimarySteppedDown',
    errmsg: 'operation was interrupted',
    errorLabels: ['ResumableChangeStreamError', 'RetryableWriteError'],
  })

/** The line broke before the answer came: what was asked for may have been done, or not. */
export const lostAnswer = (): Error => new MongoNetworkError('connection closed')
