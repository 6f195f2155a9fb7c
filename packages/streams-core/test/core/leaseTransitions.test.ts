import { expect, test } from 'vitest'
import {
  type KeptLease,
  acquiredLease,
  leaseToTakeOver,
  neverOwned,
  releasedLease,
  renewedLease,
  settledLease,
} from '../../src/core/leaseTransitions.js'

const held: KeptLease<string> = { owner: 'one', epoch: 4, until: 100, process: null, sessions: ['former', 'one'] }
const applicant = { owner: 'two', process: null, ttlMs: 50, over: null, floor: 0, sessions: ['two'] }

test('a lease is free when it was never owned, is released or has expired; a live one only over the epoch that was seen', () => {
  expect(acquiredLease(neverOwned, { ...applicant, now: 0 })).toMatchObject({ owner: 'two', epoch: 1, until: 50 })
  expect(acquiredLease({ ...held, until: null }, { ...applicant, now: 0 })).toMatchObject({ epoch: 5 })
  expect(acquiredLease(held, { ...applicant, now: 99 })).toBeNull()
  expect(acquiredLease(held, { ...applicant, now: 100 })).toMatchObject({ epoch: 5, until: 150 })
  expect(acquiredLease(held, { ...applicant, now: 0, over: 3 })).toBeNull()
  expect(acquiredLease(held, { ...applicant, now: 0, over: 4 })).toMatchObject({ epoch: 5 })
})

test('a new owner’s epoch is above the lease’s and the checkpoint’s, and its sessions join those of the former ones', () => {
  expect(acquiredLease(held, { ...applicant, now: 100, floor: 9 })).toMatchObject({
    epoch: 10,
    sessions: ['former', 'one', 'two'],
  })
})

test('a former owner can neither renew, nor release, nor forget sessions', () => {
  expect(renewedLease(held, 3, 200)).toBeNull()
  expect(releasedLease(held, 3, ['one'])).toBeNull()
  expect(settledLease(held, 3, ['one'])).toBeNull()
  expect(renewedLease({ ...held, until: null }, 4, 200)).toBeNull()
  expect(renewedLease(held, 4, 200)).toEqual({ ...held, until: 200 })
})

test('a release takes only its own sessions off the list; a fence takes the former ones', () => {
  expect(releasedLease(held, 4, ['one'])).toEqual({ owner: null, epoch: 4, until: null, process: null, sessions: ['former'] })
  expect(settledLease(held, 4, ['one'])).toEqual({ ...held, sessions: ['one'] })
})

test('a live lease is taken from a process that is gone, or when told to', () => {
  expect(leaseToTakeOver(held, { gone: false, told: false })).toBeNull()
  expect(leaseToTakeOver(held, { gone: true, told: false })).toBe(4)
  expect(leaseToTakeOver(held, { gone: false, told: true })).toBe(4)
})
