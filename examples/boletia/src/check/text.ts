import type { Report } from './report.js'

const mostShown = 20

/** The report for a person: the verdict, what was looked at, and the reasons. */
export function reportText({ pass, faults, events, reservations, mails }: Report): string {
  const looked = `${events.length} events, ${sum(reservations)} reservations, ${mails.A + mails.C + mails.X} mails (${mails.repeated} repeated)`
  return [`${pass ? 'PASS' : 'FAIL'}  ${looked}`, ...faultLines(faults)].join('\n')
}

/** At most twenty: one lost stream makes hundreds of them. */
export function faultLines(faults: readonly string[]): string[] {
  const more = faults.length - mostShown
  return [...faults.slice(0, mostShown).map((fault) => `  ${fault}`), ...(more > 0 ? [`  … and ${more} more`] : [])]
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
