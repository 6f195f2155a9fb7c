import { type Change, type Write, defineStream } from '@boletia/streams-core'
import { type GuardContext, guardedUpdate, insertOnce, transition } from '@boletia/streams-core/guards'
import type { Payment, Product, Step, StepName } from './saga.js'

type Part = (step: Step, context: GuardContext) => readonly Write[]

/** A participant sees the steps that are asked of it; what it does and its answer are one transaction with the checkpoint. */
function participant(name: string, collection: string, parts: Partial<Record<StepName, Part>>, key?: (step: Step) => string) {
  return defineStream<Step>({
    name,
    watch: { collection: 'steps' },
    pipeline: [{ $match: { operationType: 'insert', 'fullDocument.name': { $in: Object.keys(parts) } } }],
    ...(key && { key: ({ fullDocument }) => (fullDocument ? key(fullDocument) : undefined) }),
    targets: { [collection]: { collection }, steps: { collection: 'steps' } },
    project(change, context) {
      if (change.operationType !== 'insert') return
      return parts[change.fullDocument.name]?.(change.fullDocument, context) ?? []
    },
  })
}

const answered = (_id: string, to: 'done' | 'refused') => transition({ target: 'steps', filter: { _id }, from: 'asked', to })

/** Whether there is enough only the product itself can say: it keeps its answer, and `reservationAnswers` carries it on. */
export const reservation = participant(
  'reservation',
  'products',
  {
    reserve: ({ _id, product, pieces }, context) => {
      const enough = { $gte: ['$stock', pieces] }
      const answer = { $concat: [{ $cond: [enough, 'done', 'refused'] }, ` ${_id}`] }
      const stock = { $cond: [enough, { $subtract: ['$stock', pieces] }, '$stock'] }
      return [guardedUpdate(context, { target: 'products', filter: { _id: product }, update: [{ $set: { answer, stock } }] })]
    },
    unreserve: ({ _id, product, pieces }, context) => {
      const update = { $set: { answer: `done ${_id}` }, $inc: { stock: pieces } }
      return [guardedUpdate(context, { target: 'products', filter: { _id: product }, update })]
    },
  },
  ({ product }) => product,
)

export const reservationAnswers = defineStream<Product>({
  name: 'reservationAnswers',
  watch: { collection: 'products' },
  // What a pipeline does to a small document, the server may record as its replacement.
  pipeline: [{ $match: { operationType: { $in: ['update', 'replace'] } } }],
  targets: { steps: { collection: 'steps' } },
  project(change) {
    const [state, step] = answerOf(change)?.split(' ') ?? []
    return step === undefined ? undefined : [answered(step, state as 'done' | 'refused')]
  },
})

/** As of this change, never of now: `fullDocument` of an update may have a later answer already. */
function answerOf(change: Change<Product>): string | undefined {
  if (change.operationType === 'replace') return change.fullDocument?.answer
  return change.operationType === 'update' ? change.updateDescription.updatedFields?.answer : undefined
}

/** A bank that lends nobody more than 500. */
export const payment = participant('payment', 'payments', {
  pay: ({ _id, order, total }) => {
    if (total > 500) return [answered(_id, 'refused')]
    const document = { _id: order, order, amount: total, state: 'charged' } satisfies Payment
    return [insertOnce({ target: 'payments', document }), answered(_id, 'done')]
  },
  refund: ({ _id, order }) => [
    transition({ target: 'payments', filter: { _id: order }, from: 'charged', to: 'refunded' }),
    answered(_id, 'done'),
  ],
})

/** A supplier that sends no more than five pieces. */
export const supplier = participant('supplier', 'supplies', {
  supply: ({ _id, order, pieces }) =>
    pieces > 5
      ? [answered(_id, 'refused')]
      : [insertOnce({ target: 'supplies', document: { _id: order, pieces } }), answered(_id, 'done')],
})
