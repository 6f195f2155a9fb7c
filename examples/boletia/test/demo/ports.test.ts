import { once } from 'node:events'
import { type Server, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { portOr0 } from '../../src/demo/ports.js'

test('a busy port becomes 0, any free one; a free port stays', async () => {
  const { server, port } = await listening()
  expect(await portOr0(port)).toBe(0)
  server.close()
  await once(server, 'close')
  expect(await portOr0(port)).toBe(port)
})

/** On a port that the system gives to nobody who asks for any (those begin at 32768): set free, it stays free. */
async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  for (let port = 20_000 + (process.pid % 10_000); ; port += 1) {
    const server = createServer().listen({ host: '127.0.0.1', port })
    const heard = await once(server, 'listening').catch(() => null)
    if (heard !== null) return { server, port }
  }
}
