import type { Threshold } from '@boletia/streams-core/admin'
import { parseDuration } from './duration.js'
import { usage } from './usage.js'

/** Which way a figure gets worse: a lag above its limit, a headroom below it. */
export type Worse = 'above' | 'below'

/** `15m` (critical) or `5m,15m` (warning, critical); of what is worse `below`, `24h,6h`. @throws {StreamError} USAGE */
export function parseDurations(text: string, option: string, worse: Worse = 'above'): Threshold {
  return threshold(text, { option, worse, parse: (part) => parseDuration(part, option) })
}

/** `10` or `0,10`: counts from 0 up. @throws {StreamError} USAGE */
export function parseCounts(text: string, option: string): Threshold {
  const parse = (part: string) => {
    if (!/^\d+$/.test(part))
      throw usage(`${option}: "${part}" is not a whole number`, `Write for example ${option} 0 or ${option} 0,10.`)
    return Number(part)
  }
  return threshold(text, { option, worse: 'above', parse })
}

interface Reading {
  readonly option: string
  readonly worse: Worse
  parse(part: string): number
}

function threshold(text: string, { option, worse, parse }: Reading): Threshold {
  const [first = '', second, ...more] = text.split(',')
  if (more.length > 0) throw usage(`${option}: "${text}" has too many parts`, 'One is critical; of two the first is a warning.')
  if (second === undefined) return { warning: null, critical: parse(first) }
  const [warning, critical] = [parse(first), parse(second)]
  // Passed only where it is critical already, a warning never comes: the limits are in the wrong order, or one is too many.
  if (worse === 'above' ? warning >= critical : warning <= critical)
    throw usage(
      `${option}: "${text}" has no warning before it is critical`,
      warning === critical
        ? `The first limit is the warning, the second is critical: give two that differ, or only ${option} ${second}.`
        : `The first limit is the warning, the second is critical: write ${option} ${second},${first}.`,
    )
  return { warning, critical }
}
