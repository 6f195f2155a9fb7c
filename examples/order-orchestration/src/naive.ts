import { defineStream } from '@boletia/streams-core'
import type { Payment, Step } from './saga.js'
import { streams as right } from './streams.js'

/** Charges first and answers afterwards: when the worker dies in between, the customer pays twice. */
const payment = defineStream<Step>({
  name: 'payment',
  watch: { collection: 'steps' },
  pipeline: [{ $match: { operationType: 'insert', 'fullDocument.name': 'pay' } }],
  targets: { payments: { collection: 'payments' }, steps: { collection: 'steps' } },
  async handle({ fullDocument }, context) {
    const { _id, order, total } = fullDocument as Step
    const charge = { order, amount: total, state: 'charged' } as Payment
    if (total <= 500) await context.target<Payment>('payments').insertOne(charge)
    await context.target<Step>('steps').updateOne({ _id, state: 'asked' }, { $set: { state: total > 500 ? 'refused' : 'done' } })
  },
})

export const streams = [...right.filter(({ name }) => name !== 'payment'), payment]
