import { randomUUID } from 'node:crypto'
import { defineStream } from '@boletia/streams-core'
import { broker } from './broker.js'
import type { OutboxEvent } from './streams.js'

const nats = broker(process.env['NATS_URL']!)

/** A new message id for each attempt: what was in hand when the worker died is published again, and the broker cannot tell. */
const outbox = defineStream<OutboxEvent>({
  name: 'outbox',
  watch: { collection: 'outbox' },
  pipeline: [{ $match: { operationType: 'insert', 'fullDocument.subject': 'orders.placed' } }],
  targets: { outbox: { collection: 'outbox' } },
  async handle(change, context) {
    const { _id, subject, data } = change.fullDocument as OutboxEvent
    await nats.publish(subject, data, randomUUID())
    await context.target<OutboxEvent>('outbox').deleteOne({ _id })
  },
  teardown: () => nats.close(),
})

export const streams = [outbox]
