import { z } from 'zod'
import { count, lease, position, time } from './shapes.js'

export const skipData = z.strictObject({
  name: z.string(),
  /** The plan's, or, once executed, the new one. */
  rev: count,
  executed: z.boolean(),
  /** The change that is parked; `documentId` in relaxed Extended JSON. */
  change: z.strictObject({ token: z.string(), clusterTime: time, operationType: z.string(), documentId: z.json() }),
  /** The ordering key's text: later changes of it are held. */
  key: z.string(),
  /** Its id among the dead letters. */
  letter: z.string(),
  from: position,
  /** Behind the change; the same as `from` while unsettled changes lie before it. */
  to: position,
  /** Unsettled changes before it. */
  before: count,
  owner: z.string().nullable(),
  lease: lease.nullable(),
  /** The command that puts the change back; null while it is only a plan. */
  undo: z.string().nullable(),
})
