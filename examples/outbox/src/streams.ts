import { defineStream, skip } from '@boletia/streams-core'
import { apply, guardedUpdate, insertOnce, unguarded } from '@boletia/streams-core/guards'
import { broker } from './broker.js'

/** An event that waits to be published; gone once it is. */
export interface OutboxEvent {
  readonly _id: string
  readonly subject: string
  readonly data: unknown
  /** True: the stream has it in hand. False: publishing failed, and the retry job will lock it again. */
  readonly isLocked: boolean
  readonly failures: readonly { readonly at: Date; readonly reason: string }[]
  /** What the broker knows it by, since the first attempt failed. */
  readonly messageId?: string
}

/** From so many failures on, somebody should look. */
const alertAt = 3
const nats = broker(process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222')

const outbox = defineStream<OutboxEvent>({
  name: 'outbox',
  watch: { collection: 'outbox' },
  pipeline: [
    {
      $match: {
        $or: [{ operationType: 'insert' }, { operationType: 'update', 'updateDescription.updatedFields.isLocked': true }],
      },
    },
  ],
  targets: { outbox: { collection: 'outbox' }, alerts: { collection: 'alerts' } },
  // What was published long ago, the broker does not remember.
  onReplay: 'skip',
  async handle(change, context) {
    const event = change.fullDocument
    if (event === null || event === undefined) return skip('published')
    // A failure may be an answer that was lost, so every later attempt is the same message: the broker drops the second one.
    const messageId = event.messageId ?? context.token
    const filter = { _id: event._id }
    try {
      await nats.publish(event.subject, event.data, messageId)
    } catch (error) {
      const failure = { at: new Date(), reason: (error as Error).name }
      const failures = [...event.failures, failure]
      // Before it is unlocked: a crash in between repeats both.
      if (failures.length >= alertAt) await apply(context, insertOnce({ target: 'alerts', document: { ...filter, failures } }))
      const update = { $set: { isLocked: false, messageId }, $push: { failures: failure } }
      await apply(context, guardedUpdate(context, { target: 'outbox', filter, update }))
      return
    }
    await apply(context, unguarded({ target: 'outbox', deleteOne: { filter } }))
  },
  teardown: () => nats.close(),
})

export const streams = [outbox]
