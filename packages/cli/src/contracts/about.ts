import { z } from 'zod'

export const helpData = z.strictObject({ topic: z.string().nullable(), text: z.string() })

export const versionData = z.strictObject({ version: z.string(), node: z.string() })
