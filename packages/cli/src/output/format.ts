import type { ClusterTime } from '@boletia/streams-core'

/** `2026-11-21T00:00:07Z`, with milliseconds only where there are any. */
export function formatTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}

export function clusterDate({ t }: ClusterTime): Date {
  return new Date(t * 1000)
}

/** The two largest units that are not zero: `41m`, `38h 47m`, `12d 3h`; below a second in milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms === 0) return '0s'
  if (ms < 1000) return `${Math.round(ms)}ms`
  const total = Math.floor(ms / 1000)
  // Oplog windows are compared in hours by their operators: days begin at 100 hours.
  const days = total >= 360_000 ? Math.floor(total / 86_400) : 0
  const hours = Math.floor((total - days * 86_400) / 3600)
  const units: [number, string][] = [
    [days, 'd'],
    [hours, 'h'],
    [Math.floor((total % 3600) / 60), 'm'],
    [total % 60, 's'],
  ]
  const first = units.findIndex(([amount]) => amount > 0)
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ')
}

/** `1,284`, or `≥ 100,000` when counting stopped early. */
function formatCount({ count, exact }: { readonly count: number; readonly exact: boolean }): string {
  return `${exact ? '' : '≥ '}${count.toLocaleString('en-US')}`
}

/** `1 change`, `2 changes`, `≥ 100,000 changes`; what was not counted at all (no definition, no history) is said to be so. */
export function formatChanges(counted: { readonly count: number; readonly exact: boolean }): string {
  if (counted.count === 0 && !counted.exact) return 'an unknown number of changes'
  return `${formatCount(counted)} ${counted.count === 1 && counted.exact ? 'change' : 'changes'}`
}

/** The same of documents. */
export function formatDocuments(counted: { readonly count: number; readonly exact: boolean }): string {
  return `${formatCount(counted)} ${counted.count === 1 && counted.exact ? 'document' : 'documents'}`
}

/** Enough of a token to recognise it. */
export function shortToken(token: string): string {
  return token.length <= 14 ? token : `${token.slice(0, 8)}…${token.slice(-4)}`
}
