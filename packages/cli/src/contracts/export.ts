import { z } from 'zod'
import { count, position } from './shapes.js'

const exported = z.strictObject({
  name: z.string(),
  position: position.extend({
    /** Base64; what the token needs where the document's key is a double or a Decimal128. */
    typeBits: z.base64().nullable(),
    by: z.enum(['own', 'foreign']),
  }),
  fingerprint: z.string().nullable(),
  /** Of the watched collection, null while unknown. */
  uuid: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  rev: count,
})

const older = z.strictObject({ stream: z.string(), token: z.string() })

/** `go`: documents of the older Go service. */
export const exportData = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('boletia-streams'), streams: z.array(exported) }),
  z.strictObject({ format: z.literal('go'), streams: z.array(older) }),
])

/** What `import` reads: what `export` printed, with or without `--json`. */
export const importFile = z.union([
  z.strictObject({ format: z.literal('boletia-streams'), streams: z.array(exported) }),
  z
    .object({ ok: z.literal(true), data: z.strictObject({ format: z.literal('boletia-streams'), streams: z.array(exported) }) })
    .transform(({ data }) => data),
])
