import type { Where } from '@boletia/streams-core/admin'
import { parseDuration } from './duration.js'
import { parseTime } from './time.js'
import { usage } from './usage.js'

/**
 * A place in a stream: `earliest`, `latest`, `prev`, an RFC 3339 time, `-2h`, `token:<hex>` or `stream:<other>`.
 * Whether a token can be opened, or a time lies in the future, is for the server to say.
 * @throws {StreamError} USAGE for anything else.
 */
export function parseWhere(text: string, option: string): Where {
  if (text === 'earliest' || text === 'latest' || text === 'prev') return { kind: text }
  if (text.startsWith('token:')) return { kind: 'token', token: after(text, 'token:', option) }
  if (text.startsWith('stream:')) return { kind: 'stream', name: after(text, 'stream:', option) }
  if (text.startsWith('-')) return { kind: 'ago', ms: parseDuration(text.slice(1), option) }
  if (/^\d+$/.test(text)) {
    throw usage(
      `${option}: "${text}" is a bare number`,
      `It names no unit: write -${text}s, -${text}m or -${text}h for a time before now, or a time in full with its zone.`,
      'where',
    )
  }
  if (/^\d/.test(text) && /[-:]/.test(text)) return { kind: 'time', time: parseTime(text, option) }
  if (/^(\d+[smhd])+$|^\+/.test(text)) {
    throw usage(
      `${option}: "${text}" points to the future`,
      `A time before now is written with a minus: -${text.replace('+', '')}.`,
      'where',
    )
  }
  throw usage(
    `${option}: "${text}" is not a place in a stream`,
    'Places are earliest, latest, prev, a time with its zone, -2h, token:<hex> and stream:<name>.',
    'where',
  )
}

/** `--by -15m`: relative to the saved position; `+15m` and `15m` go forwards. */
export function parseBy(text: string, option: string): Where {
  const sign = text.startsWith('-') ? -1 : 1
  return { kind: 'by', ms: sign * parseDuration(text.replace(/^[-+]/, ''), option) }
}

function after(text: string, prefix: string, option: string): string {
  const rest = text.slice(prefix.length)
  if (rest === '')
    throw usage(
      `${option}: nothing stands after "${prefix}"`,
      `Write ${prefix}${prefix === 'token:' ? '<hex>' : '<name>'}.`,
      'where',
    )
  return rest
}
