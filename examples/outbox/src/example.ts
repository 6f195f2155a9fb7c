import { setTimeout as delay } from 'node:timers/promises'
import { type OpenExample, eventually, untilOver } from '@boletia/example-harness'
import { check } from './check.js'
import { startNatsServer } from './natsServer.js'
import { nowhere, placeOrder, retryFailed } from './shop.js'
import type { OutboxEvent } from './streams.js'

/** With a nats-server of its own, which is killed too. */
export async function example(): Promise<OpenExample> {
  const nats = await startNatsServer()
  return {
    name: 'outbox',
    invariant: 'the event of every order is published once, or is still in the outbox; what fails three times is told',
    streams: new URL('../dist/streams.js', import.meta.url),
    env: { NATS_URL: nats.url },
    async work(db, over) {
      const job = async () => {
        for (; !over.aborted; await delay(100)) await retryFailed(db)
      }
      const customers = untilOver(over, 3, async (user, turn) => {
        const order = { _id: `${user}-${turn}`, total: turn }
        await placeOrder(db, order, user === 0 && turn === 2 ? nowhere : undefined)
        if (user === 0 && turn === 10) await nats.crash()
      })
      await Promise.all([job(), customers])
    },
    settle: (db) =>
      eventually('the outbox is empty', async () => {
        const outbox = db.collection<OutboxEvent>('outbox')
        const waiting = await outbox.countDocuments({
          $nor: [{ subject: nowhere, 'failures.2': { $exists: true }, isLocked: false }],
        })
        // Not before: the event that is always refused would be in hand whenever one looks.
        if (waiting > 0) await retryFailed(db)
        return waiting === 0
      }),
    crashes: [
      { wrote: 'outbox', nth: 5 },
      { at: 'handler.done', nth: 20 },
      { wrote: 'outbox', nth: 30 },
    ],
    check: (db) => check(db, nats.url),
    [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
  }
}
