/** What one run of one contender gave, by measure; null: not within the bound that the suite's sizes name. */
export type Figures = Readonly<Record<string, number | null>>

export interface Run {
  readonly contender: string
  readonly repetition: number
  readonly figures: Figures
}

/** One suite's raw outcome: what `bench/results/<suite>.json` holds. */
export interface Result {
  readonly suite: string
  readonly command: string
  readonly date: string
  readonly commit: string
  readonly machine: { readonly cores: number; readonly memoryGiB: number }
  /** Node, mongod, driver, and the peers that ran. */
  readonly versions: Readonly<Record<string, string>>
  readonly sizes: Sizes
  readonly runs: readonly Run[]
  /** Contender → why it was not run. */
  readonly notRun: Readonly<Record<string, string>>
  /** Contender → the error of each repetition that failed. */
  readonly failed: Readonly<Record<string, readonly string[]>>
}

/** Numbers of documents, rates, seconds: whatever decides how long a suite takes. */
export type Sizes = Readonly<Record<string, number>>

/** Thrown by a contender that this machine or this version does not have: it reads "not run". */
export class NotRun extends Error {}
