import { DeadLetterError } from '@boletia/streams-core'

// Three generations of one event. Writers of all of them are at work at the same time while a deploy rolls, and the old events stay for ever.

export interface V1 {
  readonly specversion: '1.0'
  readonly name: string
  /** In the currency's main unit, and the currency was always MXN. */
  readonly price: number
}

export interface V2 {
  readonly specversion: '2.0'
  readonly name: string
  readonly cents: number
  readonly currency: string
}

export interface V3 {
  readonly specversion: '3.0'
  readonly title: { readonly es: string; readonly en?: string }
  readonly amount: { readonly cents: number; readonly currency: string }
}

export type Data = V1 | V2 | V3
/** What the handlers know: always the newest. */
export type Newest = V3

const fromV1 = ({ name, price }: V1): V2 => ({ specversion: '2.0', name, cents: Math.round(price * 100), currency: 'MXN' })
const fromV2 = ({ name, cents, currency }: V2): V3 => ({ specversion: '3.0', title: { es: name }, amount: { cents, currency } })

/**
 * Brings data of any known version to the newest, step by step: a new version adds one step and touches no other.
 * @throws {DeadLetterError} for a version that nobody here knows: its writer is newer than this worker, and no attempt of it will do
 */
export function upcast(data: Data): Newest {
  switch (data.specversion) {
    case '1.0':
      return upcast(fromV1(data))
    case '2.0':
      return upcast(fromV2(data))
    case '3.0':
      return data
    default:
      throw new DeadLetterError(`no upcaster for specversion ${String((data as { readonly specversion: unknown }).specversion)}`)
  }
}
