import { readFileSync } from 'node:fs'
import type { Importable } from '@boletia/streams-core/admin'
import { importFile } from '../contracts/export.js'
import { usage } from './usage.js'

/** What `export` wrote into a file. @throws {StreamError} USAGE when it cannot be read, or is something else */
export function readImportFile(file: string, timeOf: (token: string) => { t: number; i: number }): readonly Importable[] {
  const checked = importFile.safeParse(parsed(file))
  if (!checked.success) {
    const issue = checked.error.issues[0]
    throw usage(`${file} is not what export prints`, `${issue?.path.join('.') || 'It'}: ${issue?.message ?? 'unknown'}.`)
  }
  const names = checked.data.streams.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw usage(`${file} has the stream ${twice} twice`, 'Which of the two counts?')
  return checked.data.streams.map(({ name, position: { token, typeBits, by }, fingerprint, uuid }) => ({
    name,
    position: {
      token,
      clusterTime: timeOf(token),
      by,
      ...(typeBits !== null && { typeBits: Uint8Array.from(Buffer.from(typeBits, 'base64')) }),
    },
    fingerprint,
    uuid,
  }))
}

function parsed(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw usage(`${file} cannot be read`, error instanceof Error ? error.message : String(error))
  }
  try {
    return JSON.parse(text)
  } catch {
    throw usage(`${file} is no JSON`, 'It is written by: boletia-streams export > positions.json')
  }
}
