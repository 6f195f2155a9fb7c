import { parseArgs } from 'node:util'

export const usage = `Checks Boletia's data once the streams have caught up: tickets, reservations and mails.

  MONGODB_URI=… node examples/boletia/dist/check.js --mails <folder> [--database <name>] [--accepted <file>] [--json]

  --mails <folder>     where streamNotificacion writes its mails (its MAIL_DIR)
  --database <name>    default boletia
  --accepted <file>    the Ids of all granted requests, one a line: none may be missing, no other exist
  --json               one JSON document instead of text

Exit: 0 PASS, 1 FAIL (with the reasons), 2 wrong arguments, 8 MongoDB cannot be read.`

export interface CheckOptions {
  readonly uri: string
  readonly database: string
  readonly mails: string
  readonly accepted: string | null
  readonly json: boolean
}

export type ParsedOptions =
  | { readonly kind: 'check'; readonly options: CheckOptions }
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'help' }

/** The URI comes by the environment alone: arguments can be read by every user of the machine. */
export function parseOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        mails: { type: 'string' },
        database: { type: 'string' },
        accepted: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) return { kind: 'help' }
    const uri = env['MONGODB_URI']
    if (!uri) return { kind: 'wrong', why: 'MONGODB_URI is not set: it says where MongoDB is' }
    if (!values.mails) return { kind: 'wrong', why: '--mails is missing: name the folder with the mails' }
    const { mails, database = 'boletia', accepted = null, json = false } = values
    return { kind: 'check', options: { uri, database, mails, accepted, json } }
  } catch (error) {
    return { kind: 'wrong', why: (error as Error).message }
  }
}
