import { expect, test } from 'vitest'
import { FailedWrite } from '../../src/failedWrite.js'
import { defineStream } from '../../src/index.js'
import { unguarded } from '../../src/guards/index.js'
import type { Delivered } from '../../src/ports.js'
import { batchCommitter } from '../../src/runtime/commitBatch.js'
import { committer } from '../../src/runtime/committer.js'
import { parkingOf } from '../../src/runtime/parking.js'
import { pieceOf } from '../../src/runtime/piece.js'
import { Progress } from '../../src/runtime/progress.js'
import { Tally } from '../../src/runtime/tally.js'
import { silentLog } from '../../src/silentLog.js'
import { bench, start } from './bench.js'

test('a change that is refused while something else is being committed is parked like any other: that transaction is none of its own', async () => {
  const at = bench()
  const { state, source, clock } = at
  await start(at, { project: () => [] })
  const saved = (await state.store.load('s'))!
  const progress = new Progress({ ...saved, position: saved.position! }, null)
  const refused = Object.assign(new Error('Document failed validation'), { code: 121 })
  let applied = 0
  const worker = {
    stream: defineStream({
      name: 's',
      targets: { things: { collection: 'things' } },
      retry: { attempts: 1 },
      onError: 'park',
      delivery: 'bulk',
      project: () => [unguarded({ target: 'things', insertOne: { document: { _id: 1 } } })],
    }),
    targets: {
      ...state.targets,
      async apply() {
        applied += 1
        throw new FailedWrite(0, refused)
      },
    },
    store: state.store,
    letters: state.letters,
    clock,
    random: () => 0,
    observer: {},
    log: silentLog,
    signal: at.stop.signal,
    passing: () => undefined,
    keyText: String,
    tally: new Tally(),
    tracer: null,
  }
  const committing = committer(worker, progress)
  const parking = parkingOf(worker, { keys: new Map(), parked: 0, last: null, marked: [] })
  const keeper = { mayHandOutNow: () => true, mayHandOut: async () => undefined }
  const commit = batchCommitter(worker, progress, committing, parking, keeper)

  let letGo!: () => void
  // What a redrive does.
  const beside = committing.beside(() => new Promise<void>((resolve) => (letGo = resolve)))
  await expect.poll(() => progress.unresolved).not.toBeNull()
  const position = source.insert({ _id: 1 })
  const delivered = { position, bytes: 1, change: { operationType: 'insert', documentKey: { _id: 1 } } } as unknown as Delivered
  const committed = commit([pieceOf(worker, progress).first(delivered)])
  const ended = committed.then(
    () => 'committed',
    (error: unknown) => error,
  )
  await expect.poll(() => applied).toBeGreaterThan(0)
  letGo()
  await beside
  expect(await ended).toBe('committed')
  expect(progress.parked).toBe(1)
  expect(progress.position.token).toBe(position.token)
})
