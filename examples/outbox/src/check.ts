import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Db } from 'mongodb'
import { jetStreamName } from './broker.js'
import { type Order, nowhere } from './shop.js'
import type { OutboxEvent } from './streams.js'

/** Every order's event is in the broker once, in no other case than that it is still in the outbox. */
export async function check(db: Db, natsUrl: string): Promise<readonly string[]> {
  const published = await messages(natsUrl)
  const waiting = new Map((await db.collection<OutboxEvent>('outbox').find().toArray()).map((event) => [event._id, event]))
  const orders = await db.collection<Order>('orders').find().toArray()
  const alerts = (await db.collection<{ _id: string }>('alerts').find().toArray()).map(({ _id }) => _id)
  const refused = [...waiting.values()].filter(({ subject }) => subject === nowhere)
  const faults: string[] = []
  for (const { _id } of orders) {
    const times = published.filter((id) => id === _id).length
    const due = waiting.has(`placed/${_id}`) ? 0 : 1
    if (times !== due) faults.push(`order ${_id} was published ${times} times instead of ${due}`)
  }
  if (published.length < 10) faults.push('next to nothing was published: nothing was checked')
  for (const { _id, subject } of waiting.values()) if (subject !== nowhere) faults.push(`${_id} is still in the outbox`)
  for (const { _id, failures } of refused) {
    if (failures.length < 3) faults.push(`${_id} was given up after ${failures.length} failures`)
    if (!alerts.includes(_id)) faults.push(`${_id} failed ${failures.length} times, and nobody was told`)
  }
  if (refused.length === 0) faults.push('no event is refused: no alert was checked')
  return faults
}

/** The ids of the orders in all of the broker's messages. */
async function messages(servers: string): Promise<string[]> {
  await using connection = await connect({ servers })
  const { streams } = await jetstreamManager(connection)
  const { state } = await streams.info(jetStreamName)
  const ids: string[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1)
    ids.push((await streams.getMessage(jetStreamName, { seq }))!.json<Order>()._id)
  return ids
}
