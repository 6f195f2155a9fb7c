import { usage } from './usage.js'

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/**
 * An RFC 3339 time, always with a zone.
 * @throws {StreamError} USAGE without a zone (the operator's and the server's would differ in silence), or for a day that does not exist.
 */
export function parseTime(text: string, option: string): Date {
  const match = rfc3339.exec(text)
  if (match === null) {
    throw /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.test(text)
      ? usage(
          `${option}: the time "${text}" has no zone`,
          `Write it in full with its zone, for example ${withZone(text)}.`,
          'where',
        )
      : usage(
          `${option}: "${text}" is not a time`,
          'A time is written in full with its zone, for example 2026-11-21T00:00:07Z or 2026-11-21T01:00:07+01:00.',
          'where',
        )
  }
  const time = new Date(text.replace(' ', 'T').toUpperCase())
  // Date turns February 30th into March 2nd: a position would land on a day that nobody asked for.
  const [, year, month, day] = match
  if (Number.isNaN(time.getTime()) || new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() !== Number(day)) {
    throw usage(`${option}: "${text}" does not exist in the calendar`, 'Check the day and the hour.', 'where')
  }
  return time
}

function withZone(text: string): string {
  const [date = '', clock = ''] = text.split(/[Tt ]/)
  return `${date}T${[...clock.split(':').filter(Boolean), '00', '00', '00'].slice(0, 3).join(':')}Z`
}
