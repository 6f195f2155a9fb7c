import { createInterface } from 'node:readline/promises'
import { StreamError } from '@boletia/streams-core/errors'
import type { Terminal } from './output/terminal.js'

export interface ConsentOptions {
  readonly name: string
  /** What would be lost, as the end of a sentence: "1,284 changes will never be delivered". */
  readonly loss: string
  /** `--confirm`, each value given. */
  readonly confirmed: readonly string[]
  /** The command with its consent, for somebody who forgot it. */
  readonly command: string
}

/** For what delivers again: `--execute` is enough in a script; somebody at a terminal is asked unless `--yes`. @throws {StreamError} DECLINED */
export async function consentToRepeat(terminal: Terminal, question: string, yes: boolean): Promise<void> {
  if (yes || !terminal.interactive) return
  const answer = await ask(terminal.redactor.text(`${question} [y/N] `))
  if (!/^\s*(y|yes)\s*$/i.test(answer)) throw declined()
}

/**
 * For what skips changes or throws data away: `--confirm <name>`, or the name typed at a terminal; `--yes` does not count.
 * @throws {StreamError} CONSENT_MISSING (2) when nobody can be asked; DECLINED (3) when something else was typed.
 */
export async function consentToLoss(terminal: Terminal, { name, loss, confirmed, command }: ConsentOptions): Promise<void> {
  if (confirmed.includes(name)) return
  const wrong = confirmed[0]
  if (wrong !== undefined) throw missing(`--confirm names ${wrong}, not ${name}`, name, loss, command)
  if (!terminal.interactive) throw missing(`${name}: this needs --confirm ${name}`, name, loss, command)
  const answer = await ask(terminal.redactor.text(`${name}: ${loss}. Type the stream’s name to go on: `))
  if (answer.trim() !== name) throw declined()
}

function missing(message: string, name: string, loss: string, command: string): StreamError<'CONSENT_MISSING'> {
  return new StreamError('CONSENT_MISSING', message, {
    details: { stream: name, why: `${loss}; --yes does not count for that. Nothing was changed.`, command },
  })
}

function declined(): StreamError<'DECLINED'> {
  return new StreamError('DECLINED', 'not done', { details: { why: 'The answer was no. Nothing was changed.' } })
}

async function ask(question: string): Promise<string> {
  // On stderr: stdout may be redirected, and is for data.
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await new Promise<string>((resolve, reject) => {
      // Ctrl-D and Ctrl-C are a no; otherwise the promise would never settle.
      lines.once('close', () => resolve(''))
      lines.once('SIGINT', () => lines.close())
      lines.question(question).then(resolve, reject)
    })
  } finally {
    lines.close()
  }
}
