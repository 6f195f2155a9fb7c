import { Double, Int32, Long } from 'mongodb'
import { expect, test } from 'vitest'
import { openCursor } from '../../src/mongo/watchedNamespace.js'

test('a cursor’s id is a long whatever the driver made of it, because the server takes back no other type', () => {
  const of = (id: unknown) => openCursor({ cursor: { id, ns: 'boletia.eventos.2026' } })
  const long = Long.fromString('4611686018427387904')
  expect(of(long)).toEqual({ id: long, database: 'boletia', collection: 'eventos.2026' })
  // The driver gives a number where it fits, and would send it back as an Int32 or a Double.
  expect(of(2 ** 40).id).toEqual(Long.fromNumber(2 ** 40))
  expect(of(5n).id).toBeInstanceOf(Long)
  expect(of(5).id).not.toBeInstanceOf(Int32)
  expect(of(5).id).not.toBeInstanceOf(Double)
})
