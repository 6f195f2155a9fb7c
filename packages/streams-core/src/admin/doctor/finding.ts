/** What `doctor` found out about one thing; `fix` is what to type (or to change) when it is not well. */
export interface Diagnosis {
  readonly about:
    | 'config'
    | 'server'
    | 'test-commands'
    | 'clock'
    | 'oplog'
    | 'privileges'
    | 'database-user'
    | 'dead-letters'
    | 'post-images'
    | 'indexes'
    | 'older-service'
    | 'two-processes'
  readonly level: 'ok' | 'warning' | 'critical'
  readonly stream: string | null
  readonly message: string
  readonly fix: string | null
}

export const well = (about: Diagnosis['about'], message: string, stream: string | null = null): Diagnosis => ({
  about,
  level: 'ok',
  stream,
  message,
  fix: null,
})
