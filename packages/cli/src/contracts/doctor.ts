import { z } from 'zod'

const level = z.enum(['ok', 'warning', 'critical'])

const role = z.strictObject({
  createRole: z.string(),
  privileges: z.array(
    z.strictObject({ resource: z.strictObject({ db: z.string(), collection: z.string() }), actions: z.array(z.string()) }),
  ),
  roles: z.array(z.never()),
})

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
  /** With `--role`: the argument of createRole, of the first connection. */
  role: role.nullable(),
  /** With `--role`: of each connection, the default one first; empty without. */
  roles: z.array(z.strictObject({ connections: z.array(z.string()), role })),
})
