import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { portOr0 } from '../../src/demo/ports.js'

test('a busy port becomes 0, any free one; a free port stays', async () => {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await portOr0(port)).toBe(0)
  server.close()
  await once(server, 'close')
  expect(await portOr0(port)).toBe(port)
})
