import { usage } from './usage.js'

/** A whole number from 1 up. @throws {StreamError} USAGE for anything else. */
export function parseCount(text: string, option: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw usage(`${option}: "${text}" is not a whole number from 1 up`, `Write for example ${option} 10.`)
  }
  return count
}

/** A revision as a plan prints it: a whole number from 0 up. @throws {StreamError} USAGE for anything else. */
export function parseRev(text: string, option: string): number {
  const rev = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(rev)) {
    throw usage(`${option}: "${text}" is not a revision`, 'A plan prints the revision after "rev": a whole number.')
  }
  return rev
}

const seconds = { s: 1, m: 60, h: 3600 } as const

/** Changes per second of `50/s`, `100/m`, `1000/h`. @throws {StreamError} USAGE for anything else. */
export function parseRate(text: string, option: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? []
  const rate = count === undefined ? 0 : Number(count) / seconds[unit as keyof typeof seconds]
  if (!(rate > 0)) throw usage(`${option}: "${text}" is not a rate`, `Write for example ${option} 50/s (or 100/m, 1000/h).`)
  return rate
}
