import { expect, test } from 'vitest'
import { streamStatus } from '../../src/admin/index.js'
import { insertOnce, transition } from '../../src/guards/index.js'
import { type Observer, defineStream, runStream } from '../../src/index.js'
import { setting } from './setting.js'

test('rules 18, 21: status has the commands of a projection’s batches and what its writes did, in sums; the observer each batch', async () => {
  await using at = await setting()
  const stream = defineStream({
    name: 'copies',
    watch: { collection: 'source' },
    targets: { copies: { collection: 'copies' }, gone: { collection: 'gone' } },
    // Two kinds of writes to one target by turns, and one that finds nothing.
    project: ({ documentKey }) => [
      insertOnce({ target: 'copies', document: { _id: documentKey?._id, state: 'A' } }),
      { target: 'copies', deleteOne: { filter: { _id: `former ${String(documentKey?._id)}` } } },
      transition({ target: 'gone', filter: { _id: documentKey?._id }, field: 'state', from: 'A', to: 'C' }),
    ],
  })
  const options = { ...at.options, streams: [stream] }
  await runStream(stream, { client: at.place.client, until: 'caught-up' }).done
  expect((await streamStatus(options, 'copies')).batches).toBeNull()
  await at.place.db.collection('source').insertMany([{ _id: 1 as never }, { _id: 2 as never }, { _id: 3 as never }], {
    writeConcern: { w: 'majority' },
  })
  const told: Parameters<NonNullable<Observer['batch']>>[0][] = []
  const timed: [string, number][] = []
  const observer: Observer = {
    batch: (event) => void told.push(event),
    attempted: (name, durationMs) => void timed.push([name, durationMs]),
  }
  await runStream(stream, { client: at.place.client, until: 'caught-up', observer }).done
  const { batches } = await streamStatus(options, 'copies')
  // However many batches they were: two kinds by turns are a command each, the other target has one for each batch.
  expect(batches).toMatchObject({ changes: 3, writes: 9, matched: 0, modified: 0, inserted: 0, upserted: 3, deleted: 0 })
  expect(batches?.batches).toBe(told.length)
  expect(batches?.commands).toBe(6 + told.length)
  expect(told.map(({ changes }) => changes).reduce((a, b) => a + b, 0)).toBe(3)
  expect(timed).toHaveLength(3)
  expect(timed.every(([name, ms]) => name === 'copies' && ms >= 0)).toBe(true)
})

test('an observer that throws stops nothing', async () => {
  await using at = await setting()
  await at.run()
  await at.insert(1)
  const thrown = () => {
    throw new Error('watching is not part of the work')
  }
  const observer: Observer = { attempted: thrown, committed: thrown, batch: thrown, retrying: thrown }
  expect(await runStream(at.stream, { client: at.place.client, until: 'caught-up', observer }).done).toMatchObject({ handled: 1 })
})
