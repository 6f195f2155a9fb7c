/** A document that is there before its stream, or is written beside it. */
export interface Existing {
  readonly _id: number
  readonly n: number
}

/** How documents are copied and counted: a projection by transaction with a count that has no guard, or a handler with guards; `naive` has to fail. */
export type CopyKind = 'project' | 'handle' | 'naive'

/** Documents are counted in groups, so that many of them share a target. */
export const groupOf = (id: number) => ((id % 7) + 7) % 7
