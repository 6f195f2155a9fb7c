import assert from 'node:assert/strict'
import { highWaterToken } from '../changes/madeToken.js'
import type { DeadLetterStore, NewLetter } from '../../ports.js'
import { type ContractCase, contractCases } from './contractCases.js'
import { matches } from './matches.js'

export interface DeadLetterStoreFixture extends AsyncDisposable {
  readonly letters: DeadLetterStore
  /** As an operator marks a whole key. */
  mark(stream: string, key: string): Promise<void>
}

const at = (i: number) => ({ token: highWaterToken({ t: 1, i }), clusterTime: { t: 1, i }, by: 'own' as const })

const letter = (i: number, key: string, state: NewLetter['state'] = 'parked', stream = 's'): NewLetter => ({
  stream,
  position: at(i),
  key,
  state,
  operationType: 'insert',
  documentId: key,
  failure: state === 'held' ? null : { name: 'Error', code: null, class: 'transient', message: null, attempts: 5 },
  payload: null,
  ttlMs: null,
})

/** What every DeadLetterStore promises; runs against memory and MongoDB. */
export function deadLetterStoreContract(make: () => Promise<DeadLetterStoreFixture>): readonly ContractCase[] {
  const { cases, test } = contractCases()

  test('a key is held from the first of its letters on, whichever came first; other streams are not seen', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure('s')
    await letters.ensure('s')
    assert.deepEqual(await letters.held('s'), { keys: new Map(), parked: 0, last: null, marked: [] })
    await letters.add([letter(3, 'a', 'held'), letter(2, 'a'), letter(4, 'b')], undefined)
    await letters.add([letter(1, 'c', 'parked', 'other')], undefined)
    const { keys, parked } = await letters.held('s')
    assert.deepEqual(
      [...keys].sort(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['a', at(2).token],
        ['b', at(4).token],
      ],
    )
    assert.equal(parked, 2)
  })

  test('adding a letter again changes nothing: a parked change that is read again after a crash stays parked', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure('s')
    await letters.add([letter(1, 'a')], undefined)
    await letters.add([letter(1, 'a', 'held'), letter(2, 'a', 'held')], undefined)
    matches(await letters.held('s'), { keys: new Map([['a', at(1).token]]), parked: 1, last: at(2).token })
  })

  test('rule 29: the letters of a key are put back in stream order; the mark stays with what is left, also with what came after it', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure('s')
    await letters.add([letter(2, 'a', 'held'), letter(1, 'a'), letter(3, 'b')], undefined)
    await fixture.mark('s', 'a')
    await letters.add([letter(4, 'a', 'held')], undefined)
    for (const i of [1, 2, 4]) {
      assert.deepEqual((await letters.held('s')).marked, ['a'])
      const next = await letters.next('s', 'a')
      matches(next, { stream: 's', key: 'a', position: at(i), change: null })
      assert.equal(await letters.remove(next!, undefined), true)
      assert.equal(await letters.remove(next!, undefined), false)
    }
    assert.equal(await letters.next('s', 'a'), null)
    matches(await letters.held('s'), { keys: new Map([['b', at(3).token]]), marked: [] })
  })

  test('rule 29: a held one that fails when it is put back is parked, and its key is not marked any more', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure('s')
    await letters.add([letter(1, 'a', 'held'), letter(2, 'a', 'held')], undefined)
    await fixture.mark('s', 'a')
    const failure = { name: 'Error', code: null, class: 'transient', message: null, attempts: 2 } as const
    await letters.failed((await letters.next('s', 'a'))!, failure, undefined)
    matches(await letters.held('s'), { parked: 1, marked: [] })
  })

  return cases
}
