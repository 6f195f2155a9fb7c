export interface Order {
  readonly _id: string
  readonly product: string
  readonly pieces: number
  readonly total: number
  readonly state: 'placed' | Ending
}

export type Ending = 'confirmed' | 'rejected' | 'cancelled'
export type StepName = 'reserve' | 'pay' | 'supply' | 'refund' | 'unreserve'

/** What the orchestrator asks a participant to do about an order; it answers here. */
export interface Step extends Pick<Order, 'product' | 'pieces' | 'total'> {
  /** `<order>/<name>`: a saga asks for each step once at the most. */
  readonly _id: string
  readonly order: string
  readonly name: StepName
  readonly state: 'asked' | 'done' | 'refused'
}

/** `answer` is the newest one: `<step's state> <step>`. */
export interface Product {
  readonly _id: string
  readonly stock: number
  readonly answer?: string
}

export interface Payment {
  readonly _id: string
  readonly order: string
  readonly amount: number
  readonly state: 'charged' | 'refunded'
}

type Next = { readonly ask: StepName } | { readonly end: Ending }

/** The whole saga. What comes after a refusal undoes, backwards, what was done. */
export const saga: { readonly [Name in StepName]: { readonly done: Next; readonly refused?: Next } } = {
  reserve: { done: { ask: 'pay' }, refused: { end: 'rejected' } },
  pay: { done: { ask: 'supply' }, refused: { ask: 'unreserve' } },
  supply: { done: { end: 'confirmed' }, refused: { ask: 'refund' } },
  refund: { done: { ask: 'unreserve' } },
  unreserve: { done: { end: 'cancelled' } },
}
