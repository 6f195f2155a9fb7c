import { type Change, defineStream } from '@boletia/streams-core'
import { guardedUpdate, transition } from '@boletia/streams-core/guards'
import { type Answering, type Order, type Parts, type State, steps } from './order.js'

// Nobody conducts. Each service watches the orders for the states that concern it, decides in one update of its own document, and leaves its
// answer there; the orders watch the answers.

/** A service's part in the states named: what to set on which of its documents. */
function service(name: string, target: string, id: (order: Order) => string, parts: Parts) {
  const states = Object.keys(parts)
  return defineStream<Order>({
    name,
    watch: { collection: 'orders' },
    pipeline: [
      {
        $match: {
          $or: [
            { operationType: 'insert', 'fullDocument.state': { $in: states } },
            { operationType: 'update', 'updateDescription.updatedFields.state': { $in: states } },
          ],
        },
      },
    ],
    key: ({ fullDocument }) => (fullDocument ? id(fullDocument) : undefined),
    targets: { [target]: { collection: target } },
    project(change, context) {
      if ((change.operationType !== 'insert' && change.operationType !== 'update') || change.fullDocument === null) return
      const order = change.fullDocument
      // The state of this change: the document may be further already.
      const state = change.operationType === 'insert' ? order.state : (change.updateDescription.updatedFields?.state as State)
      const update = (parts[state]?.(order) ?? []).map(($set) => ({ $set }))
      return [guardedUpdate(context, { target, filter: { _id: id(order) }, update })]
    },
  })
}

const products = service('products', 'products', ({ product }) => product, {
  placed: ({ _id, pieces }) => [
    { answer: { $concat: [{ $cond: [{ $gte: ['$stock', pieces] }, 'stocked', 'soldOut'] }, ` ${_id}`] } },
    { stock: { $cond: [{ $gte: ['$stock', pieces] }, { $subtract: ['$stock', pieces] }, '$stock'] } },
  ],
  undeliverable: ({ _id, pieces }) => [{ answer: `returned ${_id}`, stock: { $add: ['$stock', pieces] } }],
})

const drivers = service('drivers', 'drivers', () => 'fleet', {
  stocked: ({ _id }) => [
    { answer: { $ifNull: [{ $concat: [`assigned ${_id} `, { $first: '$free' }] }, `undeliverable ${_id}`] } },
    { free: { $filter: { input: '$free', cond: { $ne: ['$$this', { $first: '$free' }] } } } },
  ],
  delivered: ({ driver }) => [{ free: { $concatArrays: ['$free', [driver]] } }],
})

/** The orders move on by what a service answered. */
const answers = (collection: string) =>
  defineStream<Answering>({
    name: `${collection}Answers`,
    watch: { collection },
    // What a pipeline does to a small document, the server may record as its replacement.
    pipeline: [{ $match: { operationType: { $in: ['update', 'replace'] } } }],
    targets: { orders: { collection: 'orders' } },
    project(change) {
      const { answer } = newest(change)
      if (answer === undefined) return
      const [to, _id, driver] = answer.split(' ') as [State, string, string?]
      return [transition({ target: 'orders', filter: { _id }, from: steps[to]!, to, ...(driver && { set: { driver } }) })]
    },
  })

/** As of this change, never of now: `fullDocument` of an update may have a later answer already. */
function newest(change: Change<Answering>): Answering {
  if (change.operationType === 'replace') return change.fullDocument ?? {}
  return change.operationType === 'update' ? (change.updateDescription.updatedFields ?? {}) : {}
}

export const streams = [products, drivers, answers('products'), answers('drivers')]
