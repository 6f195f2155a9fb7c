import { expect, test } from 'vitest'
import type { Change } from '../../src/index.js'
import { StreamError, defineStream } from '../../src/index.js'
import type { Delivered, Held } from '../../src/ports.js'
import { parkingOf } from '../../src/runtime/parking.js'
import { silentLog } from '../../src/silentLog.js'
import { bench } from './bench.js'

test('a key waits behind its earliest change, also while that one is on its way to the dead letters and they are looked at', () => {
  const { state } = bench()
  const stream = defineStream({ name: 's', key: () => 'K', onError: 'park', handle: () => undefined })
  const before: Held = { keys: new Map([['sK', 't5']]), parked: 1, last: 't5', marked: [] }
  const worker = { stream, letters: state.letters, log: silentLog, observer: {}, keyText: String, passing: () => undefined }
  const parking = parkingOf(worker, before)
  const change = { operationType: 'insert', documentKey: { _id: 1 } } as unknown as Change
  const delivered = (token: string): Delivered => ({
    change,
    position: { token, clusterTime: { t: 1, i: 1 }, by: 'own' },
    bytes: 1,
  })
  const failed = new StreamError('HANDLER_FAILED', 'x', { cause: new TypeError('x'), details: { attempts: 1 } })

  // Read again after a crash: it comes before what was parked then.
  expect(parking.held(delivered('t3'))).toBeNull()
  const letter = parking.parked(delivered('t3'), failed)
  parking.refresh(before)
  expect(parking.held(delivered('t4'))).toMatchObject({ state: 'held' })
  parking.added([letter])
  expect(parking.held(delivered('t4'))).toMatchObject({ state: 'held' })
  expect(parking.held(delivered('t2'))).toBeNull()
})
