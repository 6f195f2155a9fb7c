import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, connect, nanos } from '@nats-io/transport-node'

export const jetStreamName = 'ORDERS'

export interface Broker {
  /** Resolves when JetStream has stored it, now or by an earlier attempt with the same id. */
  publish(subject: string, data: unknown, id: string): Promise<void>
  close(): Promise<void>
}

/** Connects when it has something to publish: a broker that is away is a failed attempt, not a worker that does not start. */
export function broker(url: string): Broker {
  let connection: Promise<NatsConnection> | null = null
  return {
    async publish(subject, data, id) {
      connection ??= opened(url)
      // The next attempt connects anew.
      connection.catch(() => (connection = null))
      await jetstream(await connection).publish(subject, JSON.stringify(data), { msgID: id, timeout: 1000 })
    },
    async close() {
      // It may never have come to be.
      await (await connection?.catch(() => null))?.close()
      connection = null
    },
  }
}

async function opened(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100, timeout: 1000 })
  try {
    const manager = await jetstreamManager(connection)
    // How long the broker remembers message ids: longer than any worker is away.
    await manager.streams.add({ name: jetStreamName, subjects: ['orders.>'], duplicate_window: nanos(120_000) })
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}
