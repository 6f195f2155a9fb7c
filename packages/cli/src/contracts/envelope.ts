import { z } from 'zod'

/** The document of a command that was done; `name` is the command's, nested ones with a dot. */
export function successOf<Data extends z.ZodType>(name: string, data: Data) {
  return z.strictObject({
    ok: z.literal(true),
    schema: z.literal(`boletia-streams/${name}@1`),
    data,
    warnings: z.array(z.string()),
  })
}

/** The document of every failure. */
export const failure = z.strictObject({
  ok: z.literal(false),
  schema: z.literal('boletia-streams/error@1'),
  error: z.strictObject({
    code: z.string(),
    exit: z.number().int().min(1).max(11),
    message: z.string(),
    why: z.string(),
    nextActions: z.array(z.strictObject({ label: z.string(), command: z.string() })),
  }),
})
