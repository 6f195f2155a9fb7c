import { expect, test } from 'vitest'
import { startOnFreePort } from '../../src/testing/startOnFreePort.js'

// The words of mongodb-memory-server when another process took the port between its choice and mongod's start.
const taken = () => new Error('Port "45000" already in use')

test('a start that lost its port to another process is made again', async () => {
  let starts = 0
  const started = await startOnFreePort(() => (++starts < 3 ? Promise.reject(taken()) : Promise.resolve('up')))
  expect({ started, starts }).toEqual({ started: 'up', starts: 3 })
})

test('it gives up after four starts, and makes no second one for another failure', async () => {
  let starts = 0
  const fail = (error: Error) => startOnFreePort(() => (starts++, Promise.reject(error)))
  await expect(fail(taken())).rejects.toThrow(/already in use/)
  expect(starts).toBe(4)
  await expect(fail(new Error('Instance closed unexpectedly'))).rejects.toThrow(/closed unexpectedly/)
  expect(starts).toBe(5)
})
