import { expect, test } from 'vitest'
import { bench, start } from './bench.js'

test('a position that a transaction of somebody else holds is no unknown error: who may hold it is said, what to do, and the lease is given back', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  // What the fence rejects with when killing the listed sessions did not help (rule 9, the naive version, in ownership.mongo.test.ts).
  const timedOut = Object.assign(new Error('operation exceeded time limit'), { name: 'MongoServerError', code: 50 })
  const store: typeof at.state.store = { ...at.state.store, fence: () => Promise.reject(timedOut) }
  const refused = await start(at, { handle: () => undefined }, {}, { store }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'UNREACHABLE', exit: 8, cause: timedOut, details: { stream: 's' } })
  expect(String(refused)).toContain('another database user')
  expect(String(refused)).toContain('boletia-streams doctor')
  expect(await at.state.leases.load('s')).toMatchObject({ owner: null })
})
