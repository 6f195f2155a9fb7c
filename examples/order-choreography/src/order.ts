import type { Document } from 'mongodb'

/**
 * placed ──products──→ stocked ──drivers──→ assigned ──customer──→ delivered
 *    └──→ soldOut          └──→ undeliverable ──products──→ returned
 */
export type State = 'placed' | 'stocked' | 'soldOut' | 'assigned' | 'undeliverable' | 'returned' | 'delivered'

export interface Order {
  readonly _id: string
  readonly product: string
  readonly pieces: number
  readonly state: State
  /** From `assigned` on. */
  readonly driver?: string
}

/** `answer` is the newest one: `<new state> <order> <driver>`. A text, because of a sub-document a change has only what differs. */
export interface Answering {
  readonly answer?: string
}

export interface Product extends Answering {
  readonly _id: string
  readonly stock: number
}

/** One document for all drivers: whom to send is one decision. */
export interface Fleet extends Answering {
  readonly _id: 'fleet'
  readonly free: readonly string[]
}

/** What a service sets on its document, one stage after the other, for an order that has come to a state. */
export type Parts = Partial<Record<State, (order: Order) => readonly Document[]>>

/** From which state an answer leads on. */
export const steps: Readonly<Record<string, State>> = {
  stocked: 'placed',
  soldOut: 'placed',
  assigned: 'stocked',
  undeliverable: 'stocked',
  returned: 'undeliverable',
}
