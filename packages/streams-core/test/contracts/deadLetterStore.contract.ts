import { expect, test } from 'vitest'
import type { DeadLetterStore, NewLetter } from '../../src/ports.js'
import { at } from '../mongo/ownState.js'

export interface DeadLetterStoreFixture extends AsyncDisposable {
  readonly letters: DeadLetterStore
  /** As an operator marks a whole key. */
  mark(stream: string, key: string): Promise<void>
}

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
export function deadLetterStoreContract(make: () => Promise<DeadLetterStoreFixture>): void {
  test('a key is held from the first of its letters on, whichever came first; other streams are not seen', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure()
    await letters.ensure()
    expect(await letters.held('s')).toEqual({ keys: new Map(), parked: 0, last: null, marked: [] })
    await letters.add([letter(3, 'a', 'held'), letter(2, 'a'), letter(4, 'b')], undefined)
    await letters.add([letter(1, 'c', 'parked', 'other')], undefined)
    const { keys, parked } = await letters.held('s')
    expect([...keys].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['a', at(2).token],
      ['b', at(4).token],
    ])
    expect(parked).toBe(2)
  })

  test('adding a letter again changes nothing: a parked change that is read again after a crash stays parked', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure()
    await letters.add([letter(1, 'a')], undefined)
    await letters.add([letter(1, 'a', 'held'), letter(2, 'a', 'held')], undefined)
    expect(await letters.held('s')).toMatchObject({ keys: new Map([['a', at(1).token]]), parked: 1, last: at(2).token })
  })

  test('rule 29: the letters of a key are put back in stream order; the mark stays with what is left, also with what came after it', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure()
    await letters.add([letter(2, 'a', 'held'), letter(1, 'a'), letter(3, 'b')], undefined)
    await fixture.mark('s', 'a')
    await letters.add([letter(4, 'a', 'held')], undefined)
    for (const i of [1, 2, 4]) {
      expect((await letters.held('s')).marked).toEqual(['a'])
      const next = await letters.next('s', 'a')
      expect(next).toMatchObject({ stream: 's', key: 'a', position: at(i), change: null })
      expect(await letters.remove(next!, undefined)).toBe(true)
      expect(await letters.remove(next!, undefined)).toBe(false)
    }
    expect(await letters.next('s', 'a')).toBe(null)
    expect(await letters.held('s')).toMatchObject({ keys: new Map([['b', at(3).token]]), marked: [] })
  })

  test('rule 29: a held one that fails when it is put back is parked, and its key is not marked any more', async () => {
    await using fixture = await make()
    const { letters } = fixture
    await letters.ensure()
    await letters.add([letter(1, 'a', 'held'), letter(2, 'a', 'held')], undefined)
    await fixture.mark('s', 'a')
    const failure = { name: 'Error', code: null, class: 'transient', message: null, attempts: 2 } as const
    await letters.failed((await letters.next('s', 'a'))!, failure, undefined)
    expect(await letters.held('s')).toMatchObject({ parked: 1, marked: [] })
  })
}
