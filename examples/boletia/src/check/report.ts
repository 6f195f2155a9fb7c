/** What the checker found, as `--json` prints it. */
export interface Report {
  readonly pass: boolean
  /** What is wrong, a sentence each; Ids and event names, never an address. Empty when it passes. */
  readonly faults: readonly string[]
  readonly events: readonly EventRow[]
  readonly reservations: Readonly<Record<State, number>>
  /** Mails by the state they tell of; `repeated` counts those beyond the first for one state of one reservation. */
  readonly mails: Readonly<Record<State, number>> & { readonly repeated: number }
}

/** `estado` is the event's own; `reserved` the sum of its reservations' tickets in state `A`. */
export interface EventRow {
  readonly nombre: string
  readonly estado: string
  readonly capacidad: number
  /** Null when it has no inventory. */
  readonly disponible: number | null
  readonly reserved: number
}

export const states = ['A', 'C', 'X'] as const
export type State = (typeof states)[number]

export function isState(value: unknown): value is State {
  return value === 'A' || value === 'C' || value === 'X'
}
