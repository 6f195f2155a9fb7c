import { expect, test } from 'vitest'
import type { TargetStore } from '../../src/ports.js'
import type { Write } from '../../src/write.js'

export interface TargetStoreFixture extends AsyncDisposable {
  /** With one target, `things`. */
  readonly targets: TargetStore
  /** The `_id`s that were written, in the order of writing. */
  written(): Promise<unknown[]>
}

const insert = (target: string, id: string): Write => ({
  target,
  updateOne: { filter: { _id: id }, update: { $setOnInsert: { n: 1 } }, upsert: true },
})

/** What every TargetStore promises; runs against memory and MongoDB. */
export function targetStoreContract(make: () => Promise<TargetStoreFixture>): void {
  test('writes are applied in their order', async () => {
    await using fixture = await make()
    await fixture.targets.apply([insert('things', 'b'), insert('things', 'a')], undefined)
    expect(await fixture.written()).toEqual(['b', 'a'])
  })

  test('targets may be ensured again and again', async () => {
    await using fixture = await make()
    await fixture.targets.ensure()
    await fixture.targets.ensure()
    expect(await fixture.written()).toEqual([])
  })

  test('an unknown alias is refused by name', async () => {
    await using fixture = await make()
    await expect(fixture.targets.apply([insert('nothing', 'a')], undefined)).rejects.toMatchObject({ code: 'INVALID_STREAM' })
    expect(() => fixture.targets.collection('nothing')).toThrow(/things/)
  })
}
