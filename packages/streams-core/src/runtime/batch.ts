import type { Delivered, NewLetter } from '../ports.js'
import type { Write } from '../write.js'
import type { Delivering } from './projection.js'

/** What one change asks to be written. */
export interface Piece {
  readonly delivered: Delivered
  readonly writes: readonly Write[]
  readonly way: Delivering
  readonly skipped: boolean
  /** It is put aside, and asks for nothing to be written. */
  readonly letter?: NewLetter
  /** The clock's time when the change was taken. */
  readonly began: number
}

/** More in one transaction brings nothing, and holds its locks for longer. */
export const mostChanges = 1000
const mostBytes = 8 * 1024 * 1024

/** Pieces in stream order that may be committed at once: all in the same way, at most 1,000 changes or 8 MB. */
export class Batch {
  readonly pieces: Piece[] = []
  #bytes = 0

  accepts(piece: Piece): boolean {
    const first = this.pieces[0]
    if (first === undefined) return true
    return !this.isFull && first.way === piece.way && piece.way !== 'mass' && this.#bytes + piece.delivered.bytes <= mostBytes
  }

  add(piece: Piece): void {
    this.pieces.push(piece)
    this.#bytes += piece.delivered.bytes
  }

  get isFull(): boolean {
    return this.pieces.length >= mostChanges
  }
}
