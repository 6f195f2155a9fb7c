import { parseDuration } from './duration.js'
import { parseTime } from './time.js'

/**
 * A time to come: in full with its zone, or as the duration until then (`45m`, `+45m`), counted on the server's clock.
 * @throws {StreamError} USAGE for anything else
 */
export function parseMoment(text: string, option: string): (now: Date) => Date {
  if (/^\d{4}-/.test(text)) {
    const time = parseTime(text, option)
    return () => time
  }
  const ms = parseDuration(text.replace(/^\+/, ''), option)
  return (now) => new Date(now.getTime() + ms)
}
