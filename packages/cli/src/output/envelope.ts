import type { ErrorReport } from './errorReport.js'

/** The one JSON document of a command that was done; `name` is the command's, nested ones with a dot (`token.decode`). */
export function successEnvelope(name: string, data: unknown, warnings: readonly string[]): object {
  return { ok: true, schema: `boletia-streams/${name}@1`, data, warnings }
}

export function failureEnvelope({ code, exit, message, why, nextActions }: ErrorReport): object {
  return { ok: false, schema: 'boletia-streams/error@1', error: { code, exit, message, why, nextActions } }
}
