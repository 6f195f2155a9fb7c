import { inspect } from 'node:util'
import { type ErrorCode, type StreamError, errorCodes, isStreamError } from '@boletia/streams-core/errors'
import { unknownStream } from '../input/names.js'
import { type FailedCommand, type NextAction, nextActions } from './nextActions.js'

/** What an operator is told about a failure; also the JSON of one. */
export interface ErrorReport {
  readonly code: ErrorCode
  readonly exit: number
  readonly message: string
  readonly why: string
  readonly nextActions: readonly NextAction[]
  /** Stack traces of the error and its causes, for `--verbose`. */
  readonly stack: string
}

/** Anything thrown as a report. What is no StreamError is a bug of the program: exit 1. */
export function errorReport(error: unknown, failed: FailedCommand): ErrorReport {
  const streamError: StreamError | null = isStreamError(error) ? withSuggestion(error) : null
  const code = streamError?.code ?? 'INTERNAL'
  const entry = errorCodes[code]
  return {
    code,
    exit: entry.exit,
    message: streamError?.message ?? `the program failed: ${messageOf(error)}`,
    why: reason(streamError, code),
    nextActions: nextActions(code, { ...failed, details: streamError?.details ?? {} }),
    stack: stackOf(error),
  }
}

/** The library knows the names but not how they are typed: the nearest one is found here. */
function withSuggestion(error: StreamError): StreamError {
  const { stream, known } = error.details
  return error.code === 'UNKNOWN_STREAM' && typeof stream === 'string' && Array.isArray(known)
    ? unknownStream(stream, known as string[], 'the config and the saved state')
    : error
}

function reason(error: StreamError | null, code: ErrorCode): string {
  const told = error?.details['why']
  if (typeof told === 'string') return told
  if (error?.cause !== undefined)
    return error.cause instanceof Error ? `${error.cause.name}: ${withoutSession(error.cause.message)}` : inspect(error.cause)
  const { what, todo } = errorCodes[code]
  return `${capital(what)}. ${todo}`
}

/** A refused command is quoted whole: from its session on it says nothing to anybody. */
function withoutSession(message: string): string {
  return message.replace(/, lsid: \{.*$/s, ', … }')
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error)
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
}

/** The stack traces of an error and its causes. */
export function stackOf(error: unknown): string {
  const stacks: string[] = []
  for (let current = error; current !== undefined && current !== null && stacks.length < 10; current = (current as Error).cause) {
    stacks.push(current instanceof Error ? (current.stack ?? current.message) : inspect(current))
  }
  return stacks.join('\ncaused by: ')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
