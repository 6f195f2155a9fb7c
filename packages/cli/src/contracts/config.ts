import { z } from 'zod'

const namespace = z.strictObject({
  connection: z.string().nullable(),
  database: z.string().nullable(),
  collection: z.string().nullable(),
})

/** Credentials are masked; of driver options only the names are told. */
export const configShowData = z.strictObject({
  file: z.string(),
  uri: z.strictObject({ value: z.string(), source: z.string() }).nullable(),
  database: z.string().nullable(),
  state: z.strictObject({ uri: z.string().nullable(), database: z.string().nullable(), collection: z.string() }),
  connections: z.array(z.strictObject({ name: z.string(), uri: z.string().nullable(), options: z.array(z.string()) })),
  streams: z.array(
    z.strictObject({
      name: z.string(),
      watch: namespace,
      pipeline: z.array(z.json()),
      work: z.enum(['handle', 'project']),
      fullDocument: z.string(),
      onError: z.string(),
      onReplay: z.string(),
      onInvalidate: z.string(),
      targets: z.record(z.string(), namespace),
    }),
  ),
  redact: z.array(z.string()),
  logLevel: z.string().nullable(),
  http: z.string().nullable(),
})

export const configValidateData = z.strictObject({ file: z.string(), streams: z.array(z.string()) })

export const initData = z.strictObject({
  folder: z.string(),
  files: z.array(z.string()),
  next: z.array(z.string()),
})

export const completionData = z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']), script: z.string() })
