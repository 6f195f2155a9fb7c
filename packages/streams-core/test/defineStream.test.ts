import { expect, test } from 'vitest'
import { type StreamOptions, defineStream } from '../src/index.js'

const handle = () => undefined

test('what a definition leaves out is filled in, and the result is frozen', () => {
  const stream = defineStream({ name: 's', handle })
  expect(stream).toMatchObject({
    name: 's',
    watch: { connection: null, database: null, collection: null },
    pipeline: [],
    targets: {},
    fullDocument: 'updateLookup',
    start: 'now',
    onError: 'stop',
    onReplay: 'run',
    onInvalidate: 'stop',
    onHistoryLost: 'fail',
    delivery: 'transaction',
    concurrency: 8,
    retry: { attempts: 5 },
  })
  expect(Object.isFrozen(stream)).toBe(true)
  expect(stream.key({ documentKey: { _id: 7 } } as never)).toBe(7)
})

test('a wrong definition is refused with the field and the value it got', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ name: 'a.b', handle }, /name must be.*"a\.b"/],
    [{ handle }, /name must be/],
    [{ name: 's' }, /exactly one of handle and project/],
    [{ name: 's', handle, project: handle }, /exactly one of handle and project/],
    [{ name: 's', handle: 'no' }, /handle must be a function; got "no"/],
    [{ name: 's', handle, pipelin: [] }, /unknown field pipelin/],
    [{ name: 's', handle, pipeline: {} }, /pipeline must be an array/],
    [{ name: 's', handle, pipeline: [{ $lookup: {} }] }, /\$lookup is not allowed/],
    [{ name: 's', handle, onReplay: 'maybe' }, /onReplay must be one of run, skip; got "maybe"/],
    [{ name: 's', handle, start: { at: new Date('no') } }, /start must be/],
    [{ name: 's', handle, start: 'backfill' }, /start is 'backfill', but watch names no collection/],
    [
      { name: 's', handle, watch: { collection: 'c' }, onHistoryLost: 'back' },
      /onHistoryLost must be one of fail, backfill, now/,
    ],
    [
      { name: 's', handle, watch: { collection: 'c' }, start: 'backfill', pipeline: [{ $match: { operationType: 'update' } }] },
      /start is 'backfill', but pipeline\[0\] lets no insert through/,
    ],
    [{ name: 's', handle, targets: { a: {} } }, /targets\.a\.collection/],
    [
      { name: 's', handle, classify: 'poison' },
      /classify must be a function, or classes by the errors' names and codes; got "poison"/,
    ],
    [{ name: 's', handle, classify: async () => 'poison' }, /classify must be a plain function, not an async one/],
    [
      { name: 's', handle, classify: { ValidationError: 'poisson' } },
      /classify\.ValidationError must be one of .*; got "poisson"/,
    ],
    [{ name: 's', handle, concurrency: 0 }, /concurrency must be an integer from 1 to 1000; got 0/],
    [{ name: 's', project: handle, concurrency: 2 }, /concurrency is for handle/],
    [{ name: 's', handle, retry: { attempts: 0 } }, /retry\.attempts must be an integer from 1 on; got 0/],
  ]
  for (const [options, message] of wrong) {
    expect(() => defineStream(options as StreamOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_STREAM', message: expect.stringMatching(message) as string }),
    )
  }
})
