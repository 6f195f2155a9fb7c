import { z } from 'zod'

const level = z.enum(['ok', 'warning', 'critical'])

export const doctorData = z.strictObject({
  level,
  findings: z.array(
    z.strictObject({
      about: z.string(),
      level,
      stream: z.string().nullable(),
      message: z.string(),
      /** What to type, or to change; null where all is well. */
      fix: z.string().nullable(),
    }),
  ),
  /** With `--role`: the argument of createRole. */
  role: z
    .strictObject({
      createRole: z.string(),
      privileges: z.array(
        z.strictObject({ resource: z.strictObject({ db: z.string(), collection: z.string() }), actions: z.array(z.string()) }),
      ),
      roles: z.array(z.never()),
    })
    .nullable(),
})
