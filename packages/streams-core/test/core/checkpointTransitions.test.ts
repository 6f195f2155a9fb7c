import { expect, test } from 'vitest'
import {
  committedCheckpoint,
  fencedCheckpoint,
  movedCheckpoint,
  parkedCheckpoint,
  refusedCheckpoint,
  releasedCheckpoint,
} from '../../src/core/checkpointTransitions.js'
import type { Position } from '../../src/core/position.js'

const at = (token: string): Position => ({ token, clusterTime: { t: 1, i: 1 }, by: 'own' })
const saved = {
  position: at('C'),
  epoch: 3,
  rev: 7,
  highest: 'E',
  uuid: null as string | null,
  owner: 'one' as string | null,
  fingerprint: 'f' as string | null,
  lastError: null,
  restarts: 1,
  inDoubt: false,
  skipped: [],
  previous: null,
  resetTo: null,
}
const settled = (token: string) => ({ position: at(token), settled: true, uuid: null })

test('only a higher epoch fences, or the same owner once more; a former owner that did not release counts as a restart', () => {
  const by = { owner: 'two', fingerprint: 'g' }
  expect(fencedCheckpoint(saved, { ...by, epoch: 2 })).toBeNull()
  expect(fencedCheckpoint(saved, { ...by, epoch: 3 })).toBeNull()
  expect(fencedCheckpoint(saved, { ...by, epoch: 4 })).toEqual({
    checkpoint: { ...saved, ...by, epoch: 4, restarts: 2 },
    unclean: true,
  })
  expect(fencedCheckpoint(saved, { owner: 'one', fingerprint: 'f', epoch: 3 })).toEqual({ checkpoint: saved, unclean: true })
  expect(fencedCheckpoint({ ...saved, owner: null }, { ...by, epoch: 4 })).toMatchObject({
    checkpoint: { restarts: 1 },
    unclean: false,
  })
})

test('an owner that released and left changes in doubt makes the next start unclean, and is no restart', () => {
  const released = releasedCheckpoint(saved, { epoch: 3 }, null, true)!
  expect(released).toEqual({ ...saved, owner: null, inDoubt: true })
  expect(fencedCheckpoint(released, { owner: 'two', fingerprint: 'g', epoch: 4 })).toMatchObject({
    checkpoint: { restarts: 1 },
    unclean: true,
  })
})

test('a refused start is an error of the stream only where nobody owns it, nothing has happened since, and no error is there', () => {
  const error = { code: 'FINGERPRINT_CHANGED', name: 'StreamError', at: new Date(5), token: null }
  const free = { ...saved, owner: null }
  const seen = { epoch: 3, rev: 7 }
  expect(refusedCheckpoint(free, seen, error)).toEqual({ ...free, lastError: error })
  expect(refusedCheckpoint(saved, seen, error)).toBeNull()
  expect(refusedCheckpoint(free, { ...seen, epoch: 2 }, error)).toBeNull()
  expect(refusedCheckpoint(free, { ...seen, rev: 6 }, error)).toBeNull()
  expect(refusedCheckpoint({ ...free, lastError: error }, seen, { ...error, at: new Date(6) })).toBeNull()
})

test('a commit matches its epoch and its rev, and raises rev; the highest settled token never falls', () => {
  expect(committedCheckpoint(saved, { epoch: 2, rev: 7 }, settled('D'))).toBeNull()
  expect(committedCheckpoint(saved, { epoch: 3, rev: 6 }, settled('D'))).toBeNull()
  expect(committedCheckpoint(saved, { epoch: 3, rev: 7 }, settled('D'))).toEqual({ ...saved, position: at('D'), rev: 8 })
  expect(committedCheckpoint(saved, { epoch: 3, rev: 7 }, settled('F'))).toMatchObject({ highest: 'F' })
  expect(committedCheckpoint(saved, { epoch: 3, rev: 7 }, { ...settled('F'), settled: false })).toMatchObject({ highest: 'E' })
})

test('an owner forgets itself, a former one nobody', () => {
  const error = { code: 'HANDLER_FAILED', name: 'Error', at: new Date(5), token: null }
  expect(releasedCheckpoint(saved, { epoch: 2 }, error, false)).toBeNull()
  expect(releasedCheckpoint(saved, { epoch: 3 }, error, false)).toEqual({ ...saved, owner: null, lastError: error })
  // Repeated it would bring back what an operator has taken back.
  expect(releasedCheckpoint({ ...saved, owner: null }, { epoch: 3 }, error, false)).toBeNull()
})

test('an operator’s move holds as planned or not at all, and raises the epoch', () => {
  const move = { epoch: 4, rev: 7, to: at('G') }
  expect(movedCheckpoint(saved, { ...move, rev: 6 })).toBeNull()
  expect(movedCheckpoint(saved, { ...move, epoch: 3 })).toBeNull()
  expect(movedCheckpoint({ ...saved, position: null as never }, move)).toBeNull()
  expect(movedCheckpoint(saved, move)).toMatchObject({
    position: at('G'),
    epoch: 4,
    rev: 8,
    previous: at('C'),
    skipped: [{ from: 'E', to: 'G' }],
    resetTo: 'G',
  })
})

test('a stream that is forgotten remembers where it was and what it worked off since its last move: put back, that is a replay', () => {
  // A skip to D was undone, and everything up to C handled since.
  const undone = { ...saved, highest: 'C', skipped: [{ from: 'A', to: 'D' }], resetTo: 'A' }
  const forgotten = movedCheckpoint(undone, { epoch: 4, rev: 7, to: null })!
  expect(forgotten).toMatchObject({ position: null, previous: at('C'), epoch: 4, rev: 8, resetTo: null })
  expect(forgotten.skipped).toEqual([{ from: 'C', to: 'D' }])
  expect(movedCheckpoint(forgotten, { epoch: 5, rev: 8, to: at('A') })).toMatchObject({
    position: at('A'),
    skipped: [{ from: 'C', to: 'D' }],
  })
})

test('a change that an operator parks is settled by it: nothing is jumped over, the highest settled token rises, and never falls', () => {
  const move = { epoch: 4, rev: 7, to: at('D') }
  expect(parkedCheckpoint(saved, { ...move, rev: 6 })).toBeNull()
  expect(parkedCheckpoint(saved, { ...move, epoch: 3 })).toBeNull()
  expect(parkedCheckpoint({ ...saved, position: null as never }, move)).toBeNull()
  const moved = { position: at('D'), epoch: 4, rev: 8, previous: at('C'), skipped: [], resetTo: null, lastError: null }
  expect(parkedCheckpoint(saved, move)).toEqual({ ...saved, ...moved, highest: 'E' })
  expect(parkedCheckpoint({ ...saved, highest: 'C' }, move)).toEqual({ ...saved, ...moved, highest: 'D' })
  // Others before it are unsettled: the position stays, and says nothing of them.
  expect(parkedCheckpoint({ ...saved, highest: null }, { ...move, to: at('C') })).toMatchObject({
    position: at('C'),
    highest: null,
  })
})
