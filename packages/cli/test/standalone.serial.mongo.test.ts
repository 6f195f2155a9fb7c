import { type Standalone, startStandalone } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure } from '../src/contracts/index.js'
import { boletiaStreams } from './program.js'

let standalone: Standalone
beforeAll(async () => {
  standalone = await startStandalone()
})
afterAll(async () => await standalone.stop())

test.each([
  ['list'],
  ['status', 'streamReserva'],
  ['run', 'streamReserva'],
  ['reset', 'streamReserva', '--to', '-1m'],
  ['replay', 'streamReserva', '--from', '-1m'],
])('a standalone server is exit 8 for %s, with how to make it a replica set', async (...args) => {
  const env = { MONGODB_URI: standalone.uriFor('boletia') }
  const { code, stdout, stderr } = await boletiaStreams(args, { env })
  expect({ code, stdout }).toEqual({ code: 8, stdout: '' })
  expect(stderr).toContain('[NOT_A_REPLICA_SET]')
  expect(stderr).toContain('mongod --replSet rs0')
  expect(stderr).toContain('mongosh --eval "rs.initiate()"')
  const json = await boletiaStreams([...args, '--json'], { env })
  expect(failure.parse(JSON.parse(json.stdout)).error).toMatchObject({ code: 'NOT_A_REPLICA_SET', exit: 8 })
})
