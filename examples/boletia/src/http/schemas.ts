import { type ErrorCode, errorStatus } from './errors.js'

/** Formats of ours beside ajv-formats' own (`email`). */
export const formats = {
  /** Something to read, in well-formed Unicode: half a surrogate pair would be stored as another character than was sent. */
  text: (value: string): boolean => /\S/.test(value) && !/\p{Surrogate}/u.test(value),
}

// The largest value that MongoDB keeps as a 32-bit integer, which `capacidad` and `cantidad` are.
const largestInt = 2_147_483_647

export const text = { type: 'string', minLength: 1, format: 'text' } as const
// 254: what RFC 5321 lets an address have; to a longer one no mail could be sent.
export const email = { type: 'string', format: 'email', maxLength: 254, description: 'An e-mail address' } as const
export const tickets = { type: 'integer', minimum: 1, maximum: largestInt } as const
export const id = { type: 'string', pattern: '^[0-9a-fA-F]{24}$', description: '24 hexadecimal digits' } as const
export const left = { type: 'integer', description: 'Tickets that are left' } as const
export const eventState = { type: 'string', enum: ['A', 'C'], description: 'A active, C cancelled by the organizers' } as const

/** An object with exactly these members. */
export function exactly<P extends Record<string, object>>(
  properties: P,
  required: readonly (keyof P & string)[] = Object.keys(properties),
) {
  return { type: 'object', additionalProperties: false, required, properties } as const
}

/** Schemas of error replies, by status, for the codes that a route may answer with. */
export function errorReplies(...codes: readonly ErrorCode[]): Record<number, object> {
  const all = [...codes, 'UNAVAILABLE', 'INTERNAL'] as const
  const statuses = new Set(all.map((code) => errorStatus[code]))
  return Object.fromEntries(
    [...statuses].map((status) => {
      const these = all.filter((code) => errorStatus[code] === status)
      const error = exactly({ code: { type: 'string', enum: these }, message: { type: 'string' } })
      return [status, { description: these.join(', '), ...exactly({ error }) }]
    }),
  )
}

/** The schema of a reply in plain text. */
export function textReply(description: string): object {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } }
}
