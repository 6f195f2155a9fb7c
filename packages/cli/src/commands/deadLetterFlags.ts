import type { Letter, LetterFilter } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App } from '../app.js'
import { parseDuration } from '../input/duration.js'
import { parseCount } from '../input/number.js'
import { parseTime } from '../input/time.js'
import { clusterDate, formatTime } from '../output/format.js'
import type { Redactor } from '../output/redact.js'
import { type RedactedText, redactedJson } from '../output/redactedJson.js'
import type { Terminal } from '../output/terminal.js'
import { openWorld } from '../world/open.js'

export interface DeadLetterFlags {
  readonly error?: string
  readonly doc?: string
  readonly since?: string
  readonly limit?: string
}

/** The arguments and options that choose dead letters. */
export function choosing(command: Command): Command {
  return command
    .argument('<name>', 'the stream')
    .argument('[id...]', 'only these')
    .option('--error <name>', 'only those whose handler failed with an error of this name or code')
    .option('--doc <id>', 'only changes of the document with this _id: text, 24 hex digits, or Extended JSON')
    .option('--since <time>', 'only those that were put aside since: a time with its zone, or -2h')
    .option('--limit <n>', 'at most so many, the oldest first')
}

/** Gives, for the server's time, what is chosen; that throws FUTURE_TIME. @throws {StreamError} USAGE */
export function filterOf({ error, doc, since, limit }: DeadLetterFlags, ids: readonly string[]): (now: Date) => LetterFilter {
  const filter = {
    ...(ids.length > 0 && { ids }),
    ...(error !== undefined && { error }),
    ...(doc !== undefined && { doc }),
    ...(limit !== undefined && { limit: parseCount(limit, '--limit') }),
  }
  if (since === undefined) return () => filter
  if (!since.startsWith('-')) {
    const time = parseTime(since, '--since')
    return (now) => {
      if (time <= now) return { ...filter, since: time }
      throw new StreamError('FUTURE_TIME', `--since: ${since} lies in the future (the server has ${now.toISOString()})`, {
        details: { why: 'Nothing was put aside since then. Give a time that has passed.' },
      })
    }
  }
  const ms = parseDuration(since.slice(1), '--since')
  return (now) => ({ ...filter, since: new Date(now.getTime() - ms) })
}

/** The same choice once more, as arguments of a command. */
export function again({ error, doc, since, limit }: DeadLetterFlags, ids: readonly string[]): string[] {
  const flags = { '--error': error, '--doc': doc, '--since': since, '--limit': limit }
  return [...ids, ...Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]))]
}

/** The letters that were chosen, and `data` of the commands that print them. */
export async function chosen(app: App, [name = '', ...ids]: readonly string[], flags: DeadLetterFlags) {
  const filter = filterOf(flags, ids)
  const { planLetters } = await import('@boletia/streams-core/admin')
  await using world = await openWorld(app, 'config optional')
  // A plan and not a list: that one takes it for an answer that nothing matches.
  const { letters } = await planLetters(world.admin, name, filter(world.serverTime))
  return { letters, data: { name, letters: letters.map((letter) => letterData(letter, app.terminal.redactor)) } }
}

/** The same for standard output, a JSON object each; of no letter nothing is printed. */
export function lettersText({ redactor }: Terminal, letters: readonly object[], indent?: number): RedactedText | '' {
  const redacted = letters.map((letter) => redactedJson(redactor, letter, indent)).join('\n')
  return redacted === '' ? '' : { redacted }
}

/** A dead letter as the JSON contract shows it; fields that the config's `redact` names are taken out. */
function letterData({ clusterTime, documentId, payload, ...letter }: Letter, redactor: Redactor) {
  return {
    ...letter,
    clusterTime: clusterDate(clusterTime),
    documentId: redactor.document({ _id: documentId })._id,
    payload: redactor.document(payload),
  }
}

/** For people: a row of a table. */
export function letterCells({ id, state, clusterTime, operationType, documentId, error, redrive }: Letter, redactor: Redactor) {
  const why = error === null ? '-' : error.code === null ? error.name : `${error.name} (${error.code})`
  return [
    id,
    redrive === null ? state : `${state}, marked`,
    formatTime(clusterDate(clusterTime)),
    operationType,
    JSON.stringify(redactor.document({ _id: documentId })),
    why,
  ]
}

export const heading = ['ID', 'STATE', 'TIME', 'OPERATION', 'DOCUMENT', 'ERROR']
