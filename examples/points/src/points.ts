import { type Change, type Write, defineStream } from '@boletia/streams-core'
import { type GuardContext, guardedInc } from '@boletia/streams-core/guards'

export interface Order {
  readonly _id: string
  readonly customer: string
  readonly total: number
  readonly state: 'placed' | 'cancelled'
}

/** An order gives its customer points; its cancellation takes them back. Never twice: the customer's document keeps the last token. */
function project(change: Change<Order>, context: GuardContext): Write[] {
  if (change.operationType === 'insert') return [give(change.fullDocument, 1, context)]
  if (change.operationType !== 'update' || change.updateDescription.updatedFields?.state !== 'cancelled') return []
  if (change.fullDocument === null)
    throw new Error('The cancelled order is gone: whose points are to be taken back is not known.')
  return [give(change.fullDocument, -1, context)]
}

function give({ customer, total }: Order, sign: 1 | -1, context: GuardContext): Write {
  return guardedInc(context, { target: 'customers', filter: { _id: customer }, inc: { points: sign * Math.floor(total) } })
}

export const points = defineStream<Order>({
  name: 'points',
  watch: { collection: 'orders' },
  pipeline: [{ $match: { operationType: { $in: ['insert', 'update'] } } }],
  // The guard needs the changes of one customer in their order.
  key: (change) => change.fullDocument?.customer,
  targets: { customers: { collection: 'customers' } },
  onError: 'park',
  project,
})
