import { usage } from './usage.js'

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Milliseconds of `90s`, `15m`, `2h30m`, `1d` or ISO 8601's `PT2H`; units fall from days to seconds, each at most once.
 * @throws {StreamError} USAGE: a bare number names no unit, and a guess would move a position by the wrong factor.
 */
export function parseDuration(text: string, option: string): number {
  const parts =
    /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ??
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  const [d, h, m, s] = parts?.slice(1) ?? []
  if (d === undefined && h === undefined && m === undefined && s === undefined) throw invalid(text, option)
  const ms = amount(d) * unitMs.d + amount(h) * unitMs.h + amount(m) * unitMs.m + amount(s) * unitMs.s
  if (!Number.isSafeInteger(ms)) throw invalid(text, option)
  return ms
}

function amount(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits)
}

function invalid(text: string, option: string): Error {
  return /^\d+$/.test(text)
    ? usage(`${option}: "${text}" has no unit`, `A duration is written like ${text}s, ${text}m or ${text}h.`)
    : usage(`${option}: "${text}" is not a duration`, 'A duration is written like 90s, 15m, 2h30m, 1d or PT2H.')
}
