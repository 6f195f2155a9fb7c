import type { Threshold } from '@boletia/streams-core/admin'
import { parseDuration } from './duration.js'
import { usage } from './usage.js'

/** `15m` (critical) or `5m,15m` (warning, critical). @throws {StreamError} USAGE */
export function parseDurations(text: string, option: string): Threshold {
  return threshold(text, option, (part) => parseDuration(part, option))
}

/** `10` or `0,10`: counts from 0 up. @throws {StreamError} USAGE */
export function parseCounts(text: string, option: string): Threshold {
  return threshold(text, option, (part) => {
    if (!/^\d+$/.test(part))
      throw usage(`${option}: "${part}" is not a whole number`, `Write for example ${option} 0 or ${option} 0,10.`)
    return Number(part)
  })
}

function threshold(text: string, option: string, parse: (part: string) => number): Threshold {
  const [first = '', second, ...more] = text.split(',')
  if (more.length > 0) throw usage(`${option}: "${text}" has too many parts`, 'One is critical; of two the first is a warning.')
  return second === undefined ? { warning: null, critical: parse(first) } : { warning: parse(first), critical: parse(second) }
}
