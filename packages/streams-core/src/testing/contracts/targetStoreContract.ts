import assert from 'node:assert/strict'
import type { TargetStore } from '../../ports.js'
import type { Write } from '../../write.js'
import { type ContractCase, contractCases } from './contractCases.js'

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
export function targetStoreContract(make: () => Promise<TargetStoreFixture>): readonly ContractCase[] {
  const { cases, test } = contractCases()

  test('writes are applied in their order', async () => {
    await using fixture = await make()
    await fixture.targets.apply([insert('things', 'b'), insert('things', 'a')], undefined)
    assert.deepEqual(await fixture.written(), ['b', 'a'])
  })

  test('targets may be ensured again and again', async () => {
    await using fixture = await make()
    await fixture.targets.ensure()
    await fixture.targets.ensure()
    assert.deepEqual(await fixture.written(), [])
  })

  test('an unknown alias is refused by name', async () => {
    await using fixture = await make()
    await assert.rejects(fixture.targets.apply([insert('nothing', 'a')], undefined), { code: 'INVALID_STREAM' })
    assert.throws(() => fixture.targets.collection('nothing'), /things/)
  })

  return cases
}
