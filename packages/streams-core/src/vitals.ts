import type { ReaderKind } from './ports.js'

/** What bulk writes did. Sums: the server does not say which write did what (rule 21). */
export interface Written {
  /** Commands that the writes became: inserts, updates and deletes that stand mixed become one each (rule 18). */
  readonly commands: number
  /** Documents that a filter found; those that a guard refused were not found. */
  readonly matched: number
  readonly modified: number
  readonly inserted: number
  readonly upserted: number
  readonly deleted: number
}

/** All batches of a run of a projection that are durable. */
export interface BatchTotals extends Written {
  readonly since: Date
  readonly batches: number
  readonly changes: number
  readonly writes: number
}

/** What a worker tells about itself with each renewal of its lease: operators see it without asking the worker. */
export interface Vitals {
  /** Null before the first change was asked for. */
  readonly reader: ReaderKind | null
  readonly full: boolean
  readonly batches: BatchTotals | null
}
