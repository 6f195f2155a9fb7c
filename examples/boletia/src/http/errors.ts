import type { FastifyReply } from 'fastify'

/** Every error of both services and its HTTP status; the codes are part of the interface. */
export const errorStatus = {
  INVALID_INPUT: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  NOT_ENOUGH: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNAVAILABLE: 503,
  INTERNAL: 500,
} as const

export type ErrorCode = keyof typeof errorStatus

export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
}

/** The one shape of every error: `{ "error": { "code", "message" } }`. */
export function errorBody({ code, message }: Refusal): { readonly error: Refusal } {
  return { error: { code, message } }
}

export function refuse(reply: FastifyReply, code: ErrorCode, message: string): FastifyReply {
  return reply.code(errorStatus[code]).type('application/json; charset=utf-8').send(errorBody({ code, message }))
}
