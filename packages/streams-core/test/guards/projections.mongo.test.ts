import type { Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { planReplay, replay } from '../../src/admin/index.js'
import { expectedVersion, ledgerExpiry, isVersionTooEarly, oncePerChange, upsertProjection } from '../../src/guards/index.js'
import type { Change, Context, Write } from '../../src/index.js'
import { type Setting, caught, setting } from '../admin/setting.js'

const targets = {
  suma: { collection: 'suma' },
  ledger: { collection: 'ledger', indexes: [ledgerExpiry(30 * 86_400_000)] },
}
const add = (): Write => ({ target: 'suma', updateOne: { filter: { _id: 'suma' }, update: { $inc: { n: 1 } }, upsert: true } })
const suma = async ({ place }: Setting) => (await place.db.collection('suma').findOne())?.['n']
const replayed = async (at: Setting) =>
  await replay(at.options, await planReplay(at.options, 'copies', { from: { kind: 'earliest' } }))

describe.concurrent('guards as writes of a projection', () => {
  test('oncePerChange: a replay of what was done does none of its writes again, and fails nothing', async () => {
    await using at = await setting({
      handle: undefined,
      targets,
      project: (_: Change, context: Context) => [oncePerChange(context, { ledger: 'ledger' }), add()],
    } as object)
    await at.run()
    await at.insert(1, 2, 3)
    await at.run()
    expect(await suma(at)).toBe(3)
    expect(await replayed(at)).toMatchObject({ delivered: 3, failed: 0 })
    expect(await suma(at)).toBe(3)
    expect(await at.place.db.collection('ledger').countDocuments()).toBe(3)
    expect(await at.place.admin.collection('ledger').indexes()).toContainEqual(
      expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 30 * 86_400 }),
    )
  })

  test('its naive version: without the ledger the replay adds everything again', async () => {
    await using at = await setting({ handle: undefined, targets, project: () => [add()] } as object)
    await at.run()
    await at.insert(1, 2, 3)
    await at.run()
    await replayed(at)
    expect(await suma(at)).toBe(6)
  })

  test('oncePerChange outside a transaction is refused: a crash could leave the entry without its writes', async () => {
    await using at = await setting({
      handle: undefined,
      targets,
      delivery: 'bulk',
      retry: { attempts: 1 },
      project: (_: Change, context: Context) => [oncePerChange(context, { ledger: 'ledger' })],
    } as object)
    await at.run()
    await at.insert(1)
    expect(await caught(at.run())).toMatchObject({
      code: 'HANDLER_FAILED',
      cause: { code: 'INVALID_STREAM', message: expect.stringContaining('is an entry of a ledger') as string },
    })
    expect(await at.place.db.collection('ledger').countDocuments()).toBe(0)
  })

  for (const delivery of ['transaction', 'bulk'] as const) {
    test(`expectedVersion (${delivery}): a version that comes too early is tried again, then stops the stream at that change; nothing is lost`, async () => {
      let tried = 0
      await using at = await setting({
        handle: undefined,
        targets: { replica: { collection: 'replica' } },
        delivery,
        retry: { attempts: 3, minDelayMs: 1 },
        project: (change: Change) => {
          tried += 1
          const { _id } = change.documentKey as { _id: number }
          return [expectedVersion({ target: 'replica', key: { _id: 'a' }, version: _id, update: { $inc: { suma: _id } } })]
        },
      } as object)
      const replica = at.place.db.collection<Document & { _id: string }>('replica')
      await at.run()
      await at.insert(1, 2, 4)
      const stopped = (await caught(at.run())) as { cause: unknown }
      expect(stopped).toMatchObject({ code: 'HANDLER_FAILED', details: { attempts: 3 } })
      expect(isVersionTooEarly(stopped.cause)).toBe(true)
      expect(tried).toBe(5)
      expect(await replica.findOne()).toEqual({ _id: 'a', suma: 3, version: 2 })
      // What was missing comes by another way; the stream goes on where it stopped.
      await replica.updateOne({ _id: 'a' }, { $inc: { suma: 3, version: 1 } })
      await at.run()
      expect(await replica.findOne()).toEqual({ _id: 'a', suma: 10, version: 4 })
      expect(await replayed(at)).toMatchObject({ delivered: 3, failed: 0 })
      expect(await replica.findOne()).toEqual({ _id: 'a', suma: 10, version: 4 })
    })

    test(`upsertProjection (${delivery}): a view with deletes ends as its source, also after a replay of a part`, async () => {
      await using at = await setting({
        handle: undefined,
        targets: { vista: { collection: 'vista' } },
        delivery,
        project: (change: Change, context: Context) =>
          'documentKey' in change && change.documentKey !== undefined
            ? [
                upsertProjection(context, {
                  target: 'vista',
                  key: { _id: change.documentKey._id },
                  document: change.operationType === 'delete' ? null : (change.fullDocument ?? null),
                }),
              ]
            : [],
      } as object)
      const source = at.place.db.collection<Document & { _id: number }>('source')
      const view = async () =>
        await at.place.db
          .collection('vista')
          .find({ tombstone: null }, { projection: { tokens: 0 }, sort: { _id: 1 } })
          .toArray()
      await at.run()
      await at.insert(1, 2, 3)
      await source.updateOne({ _id: 1 }, { $set: { nombre: '$uno' } })
      await source.deleteOne({ _id: 2 })
      await at.run()
      expect(await view()).toEqual([{ _id: 1, nombre: '$uno' }, { _id: 3 }])
      const part = await planReplay(at.options, 'copies', { from: { kind: 'earliest' }, limit: 2 })
      expect(await replay(at.options, part)).toMatchObject({ delivered: 2 })
      expect(await view()).toEqual(await source.find().sort({ _id: 1 }).toArray())
    })
  }
})
