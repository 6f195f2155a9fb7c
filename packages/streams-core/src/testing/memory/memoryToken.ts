import type { ClusterTime } from '../../core/position.js'

/** A token that sorts like a server's and from which `tokenTime` reads the time; no event lies behind it. */
export function memoryToken({ t, i }: ClusterTime): string {
  return `82${hex(t)}${hex(i)}0000`
}

const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0')
