// A server of a list of changes, some of which are too large, and which may split them: this one's mongod cannot.
import fc from 'fast-check'
import type { Document } from 'mongodb'
import { expect, test } from 'vitest'
import { type Position, compareTokens } from '../../src/core/position.js'
import { type OversizeReading, type ReadingMode, throughOversize } from '../../src/mongo/throughOversize.js'
import type { Delivered } from '../../src/ports.js'
import { changeBuilder, steppedDown } from '../../src/testing/index.js'

interface Held {
  readonly delivered: Delivered
  readonly large: boolean
}
const tooLarge = () => Object.assign(new Error('BSONObj size is invalid'), { code: 10334 })

function server(sizes: readonly boolean[], { batch = 3, splits = false, faults = 0, tells = true } = {}) {
  const change = changeBuilder()
  const held = sizes.map((large, i): Held => {
    const made = change.update({ _id: i, n: 1 }, { n: 2 }, { before: true })
    const { _data: token } = made._id as { _data: string }
    return {
      large,
      delivered: {
        change: made,
        position: { token, clusterTime: { t: 1_767_225_600, i: Math.floor(i / 3) }, by: 'own' },
        bytes: 1,
      },
    }
  })
  const opened: { readonly mode: ReadingMode; readonly at: string }[] = []
  let open = 0
  let failing = faults
  const bare = ({ change: whole, position }: Delivered): Delivered =>
    ({
      change: { ...whole, fullDocument: null, fullDocumentBeforeChange: null, oversize: true },
      position,
      bytes: 1,
    }) as Delivered
  function parts({ change: whole, position }: Delivered): Delivered[] {
    const { _id, ...fields } = whole as Document
    const entries = Object.entries(fields)
    return entries.map(([name, value], index) => {
      const token = `${position.token.slice(0, -2)}2B0${2 * (index + 1)}04`
      const part = { _id: { _data: token }, splitEvent: { fragment: index + 1, of: entries.length }, [name]: value }
      return { change: part as never, position: { ...position, token }, bytes: 1 }
    })
  }
  const reading: OversizeReading = {
    stream: 's',
    splits: async () => splits,
    async open(at, mode, dropUpTo) {
      opened.push({ mode, at: at.token })
      const size = mode === 'whole' ? batch : 1
      let rest = held.filter(({ delivered: { position } }) =>
        at.by === 'foreign' ? position.clusterTime.i >= at.clusterTime.i : compareTokens(position.token, at.token) > 0,
      )
      let queue: Delivered[] = []
      let reached: Position | null = null
      open += 1
      return {
        get reached() {
          return tells ? reached : null
        },
        async next(signal) {
          signal.throwIfAborted()
          if (mode === 'split' && failing > 0) {
            failing -= 1
            throw steppedDown()
          }
          for (;;) {
            if (queue.length === 0 && rest.length === 0) return { kind: 'quiet' }
            if (queue.length === 0) {
              const next = rest.slice(0, size)
              if ((mode === 'whole' || mode === 'single') && next.some(({ large }) => large)) throw tooLarge()
              rest = rest.slice(size)
              queue = next.flatMap(({ delivered, large }) => {
                if (mode === 'split' && large) return parts(delivered)
                return [mode === 'bare' ? bare(delivered) : delivered]
              })
            }
            const given = queue.splice(0, size)
            reached = given.at(-1)!.position
            const changes = given.filter(({ position }) => dropUpTo === null || compareTokens(position.token, dropUpTo) > 0)
            if (changes.length > 0) return { kind: 'changes', changes }
          }
        },
        async [Symbol.asyncDispose]() {
          open -= 1
        },
      }
    },
  }
  return { held, opened, reading, left: () => open }
}

const before: Position = { token: '82', clusterTime: { t: 1, i: 0 }, by: 'own' }
const never = new AbortController().signal

async function readAll(from: Position, reading: OversizeReading): Promise<Delivered[]> {
  const taken: Delivered[] = []
  await using reader = await throughOversize(from, reading)
  for (let quiet = 0; quiet < 2;) {
    const read = await reader.next(never)
    if (read.kind === 'changes') taken.push(...read.changes)
    else quiet += 1
  }
  return taken
}

const sizes = fc.array(fc.boolean(), { maxLength: 12 })
const place = fc.option(fc.record({ index: fc.nat(11), by: fc.constantFrom('own' as const, 'foreign' as const) }))

test('from anywhere every change comes once, in order; only what is too large comes without images, and whole where the server splits', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.boolean(),
      place,
      async (large, batch, splits, tells, start) => {
        // A reader that has dropped something always tells how far it has come.
        const { held, reading, left } = server(large, { batch, splits, tells: tells || start?.by === 'foreign' })
        const first = start === null ? undefined : held[start.index]
        const from = first === undefined ? before : { ...first.delivered.position, by: start!.by }
        const due = first === undefined ? held : held.slice(held.indexOf(first) + 1)
        const taken = await readAll(from, reading)
        expect(taken.map(({ position }) => position)).toEqual(due.map(({ delivered }) => delivered.position))
        for (const [index, { change }] of taken.entries()) {
          const whole = due[index]!
          if (whole.large && !splits)
            expect(change).toMatchObject({ oversize: true, fullDocument: null, fullDocumentBeforeChange: null })
          else expect(change).toEqual(whole.delivered.change)
        }
        expect(left()).toBe(0)
      },
    ),
  )
})

test('a position in the midst of a change’s parts is never seen: neither by the change, nor by what was reached, nor by a reopening', async () => {
  const { held, reading, opened } = server([false, true, false], { splits: true })
  const tokens = new Set([before.token, ...held.map(({ delivered }) => delivered.position.token)])
  await using reader = await throughOversize(before, reading)
  for (let taken = 0; taken < 3;) {
    const read = await reader.next(never)
    if (read.kind !== 'changes') continue
    taken += read.changes.length
    expect(tokens).toContain(read.changes.at(-1)!.position.token)
    expect([null, ...tokens]).toContain(reader.reached?.token ?? null)
  }
  expect(opened.filter(({ at }) => !tokens.has(at))).toEqual([])
})

test('a server that steps down between the parts delivers nothing of them: the change comes whole from the next one', async () => {
  const { held, reading } = server([true, false], { splits: true, faults: 1 })
  await using reader = await throughOversize(before, reading)
  await expect(reader.next(never)).rejects.toMatchObject({ code: 189 })
  const again = await readAll(before, reading)
  expect(again.map(({ change }) => change)).toEqual(held.map(({ delivered }) => delivered.change))
})

test('what is before a change without its image comes; only that one fails', async () => {
  const { held, reading } = server([false, false, true])
  const missing: OversizeReading = {
    ...reading,
    async open(at, mode, drop) {
      const reader = await reading.open(at, mode, drop)
      const next = (signal: AbortSignal) =>
        reader.next(signal).catch(() => Promise.reject(Object.assign(new Error('no image'), { code: 47 })))
      return { reached: null, next, [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose]() }
    },
  }
  await using reader = await throughOversize(before, missing)
  for (const { delivered } of held.slice(0, 2))
    expect(await reader.next(never)).toEqual({ kind: 'changes', changes: [delivered] })
  await expect(reader.next(never)).rejects.toMatchObject({ code: 47 })
})

test('a cursor whose first answer is empty, and whose second fails for want of an image, fails: it is not opened for ever', async () => {
  const { reading } = server([])
  const missing: OversizeReading = {
    ...reading,
    async open() {
      let asked = 0
      return {
        reached: null,
        async next() {
          asked += 1
          if (asked > 1) throw Object.assign(new Error('no image'), { code: 47 })
          return { kind: 'quiet' }
        },
        async [Symbol.asyncDispose]() {},
      }
    },
  }
  await using reader = await throughOversize(before, missing)
  const many = async () => {
    for (let times = 0; times < 10; times += 1) await reader.next(never)
  }
  await expect(many()).rejects.toMatchObject({ code: 47 })
})

test('after a change that is too large batches are as large as before', async () => {
  const { reading, opened } = server([false, true, ...Array.from({ length: 6 }, () => false)], { batch: 8 })
  await readAll(before, reading)
  expect(opened.map(({ mode }) => mode)).toEqual(['whole', 'single', 'bare', 'whole'])
})

test('a change that is too large even without images stops with what to do about the pipeline', async () => {
  const { reading } = server([true])
  const hopeless: OversizeReading = {
    ...reading,
    open: async (at, mode, drop) => await reading.open(at, mode === 'bare' ? 'single' : mode, drop),
  }
  await expect(readAll(before, hopeless)).rejects.toMatchObject({
    code: 'SERVER_REFUSED',
    message: expect.stringContaining('$unset'),
  })
})
