// The errors without the driver: a program that only reports (the command's `help`) loads this entry in a millisecond.
export { errorBehind } from './errorBehind.js'
export { type ErrorCode, type ErrorEntry, errorCodes } from './errorCodes.js'
export { StreamError, type StreamErrorOptions, isStreamError } from './streamError.js'
