import { StreamError } from '@boletia/streams-core/errors'
import picomatch from 'picomatch'
import { didYouMean } from './didYouMean.js'

/**
 * The known names that a command line means: exact names and quoted globs, in the order of `known`, each once.
 * @throws {StreamError} UNKNOWN_STREAM for a name or a glob that means nothing; `details.suggestion` is the nearest name.
 */
export function selectNames(wanted: readonly string[], known: readonly string[], where: string): string[] {
  const selected = new Set<string>()
  for (const name of wanted) {
    const matches = known.includes(name) ? [name] : isGlob(name) ? matching(name, known) : []
    if (matches.length === 0) throw unknownStream(name, known, where)
    for (const match of matches) selected.add(match)
  }
  return known.filter((name) => selected.has(name))
}

export function unknownStream(name: string, known: readonly string[], where: string): StreamError<'UNKNOWN_STREAM'> {
  const suggestion = isGlob(name) ? null : didYouMean(name, known)
  const listed =
    known.length === 0 ? 'there are none' : known.length > 8 ? `there are ${known.length}` : `there are ${known.join(', ')}`
  const message = isGlob(name) ? `no stream matches "${name}"` : `there is no stream "${name}"`
  return new StreamError('UNKNOWN_STREAM', suggestion === null ? message : `${message}; did you mean ${suggestion}?`, {
    details: { name, suggestion, why: `In ${where} ${listed}.` },
  })
}

function matching(glob: string, known: readonly string[]): string[] {
  const matches = picomatch(glob)
  return known.filter((name) => matches(name))
}

function isGlob(name: string): boolean {
  return picomatch.scan(name).isGlob
}
