import { expect, test } from 'vitest'
import { sharedTransport } from '../../src/mail/sharedTransport.js'

const transports = () => {
  const events: string[] = []
  const open = async () => {
    events.push('open')
    return { send: async () => {}, close: async () => void events.push('close') }
  }
  return { events, open }
}

test('two runs at once share one transport, and the last one to end closes it', async () => {
  const { events, open } = transports()
  const shared = sharedTransport(open)
  await Promise.all([shared.acquire(), shared.acquire()])
  await shared.release()
  expect(shared.current).toBeDefined()
  expect(events).toEqual(['open'])
  await shared.release()
  await shared.release()
  expect(events).toEqual(['open', 'close'])
  expect(() => shared.current).toThrow(/not open/)
  await shared.acquire()
  expect(events).toEqual(['open', 'close', 'open'])
})

test('a transport that could not be opened is opened anew by the next run', async () => {
  const { open } = transports()
  let broken = true
  const shared = sharedTransport(() => {
    if (broken) throw new Error('no sender')
    return open()
  })
  await expect(shared.acquire()).rejects.toThrow('no sender')
  // A run that never started well has nothing to give back.
  await shared.release()
  broken = false
  await expect(shared.acquire()).resolves.toBeDefined()
})
