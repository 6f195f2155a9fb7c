import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { sharedReplicaSet, startReplicaSet, startStandalone } from '../../src/testing/index.js'

test('BOLETIA_TEST_MONGODB_URI is used as it is, and stopping leaves it running', async () => {
  await using set = await startReplicaSet()
  vi.stubEnv('BOLETIA_TEST_MONGODB_URI', set.uriFor('boletia_test_x'))
  const shared = await sharedReplicaSet()
  expect(shared.uri).toBe(set.uriFor('boletia_test_x'))
  await shared.stop()
  expect(set.nodes[0]?.pid).toBeDefined()
})

test('MONGODB_URI is never read: without the variable the set is an embedded one', async () => {
  await using other = await startReplicaSet()
  vi.stubEnv('BOLETIA_TEST_MONGODB_URI', undefined)
  vi.stubEnv('MONGODB_URI', other.uri)
  await using shared = await sharedReplicaSet()
  expect(shared.uri).not.toBe(other.uri)
})

test('a standalone server there is refused with what to do', async () => {
  await using server = await startStandalone()
  vi.stubEnv('BOLETIA_TEST_MONGODB_URI', server.uri)
  await expect(sharedReplicaSet()).rejects.toMatchObject({
    code: 'NOT_A_REPLICA_SET',
    message: expect.stringMatching(/name a replica set, or unset it/),
  })
})

test('a server that does not answer there is told without its password', async () => {
  // Kept, so that nobody else's server takes the port meanwhile.
  const listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  vi.stubEnv('BOLETIA_TEST_MONGODB_URI', `mongodb://ana:secreto@127.0.0.1:${port}/`)
  const error: unknown = await sharedReplicaSet().catch((thrown: unknown) => thrown)
  listener.close()
  expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(/correct the variable/) })
  expect(String(error)).not.toMatch(/secreto/)
})
