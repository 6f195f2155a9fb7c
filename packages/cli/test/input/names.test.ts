import { describe, expect, test } from 'vitest'
import { didYouMean } from '../../src/input/didYouMean.js'
import { selectNames } from '../../src/input/names.js'

const known = ['streamEvento', 'streamInventario', 'streamNotificacion', 'streamReserva']

describe('names and globs', () => {
  test('select each stream once, in the order of the config', () => {
    expect(selectNames(['streamReserva', 'stream[EI]*'], known, 'the config')).toEqual([
      'streamEvento',
      'streamInventario',
      'streamReserva',
    ])
    expect(selectNames(['*', 'streamEvento'], known, 'the config')).toEqual(known)
  })

  test('a name that is known is itself, whatever glob characters it has', () => {
    expect(selectNames(['a*'], ['a*', 'ab'], 'the saved state')).toEqual(['a*'])
  })

  test('an unknown name is UNKNOWN_STREAM with the nearest one', () => {
    expect(() => selectNames(['streamReserv'], known, 'the config')).toThrowError(
      expect.objectContaining({
        code: 'UNKNOWN_STREAM',
        exit: 4,
        message: 'there is no stream "streamReserv"; did you mean streamReserva?',
        details: { name: 'streamReserv', suggestion: 'streamReserva', why: `In the config there are ${known.join(', ')}.` },
      }) as Error,
    )
  })

  test('a glob that matches nothing is UNKNOWN_STREAM too: an empty selection must not look like success', () => {
    expect(() => selectNames(['x*'], known, 'the config')).toThrowError(
      expect.objectContaining({ exit: 4, message: 'no stream matches "x*"' }) as Error,
    )
  })
})

test('did you mean: near in any case, or nothing', () => {
  expect(didYouMean('STREAMRESERVA', known)).toBe('streamReserva')
  expect(didYouMean('streamInventory', known)).toBe('streamInventario')
  expect(didYouMean('correo', known)).toBeNull()
})
