import { once } from 'node:events'
import { createServer } from 'node:net'

/** The port when it is free on this machine's own address, else 0: any free one. */
export async function portOr0(port: number): Promise<number> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen({ host: '127.0.0.1', port, exclusive: true })
    await listening
    return port
  } catch {
    return 0
  } finally {
    server.close()
  }
}
