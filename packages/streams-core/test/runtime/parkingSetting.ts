import { type StreamOptions, defineStream, runStream } from '../../src/index.js'
import type { Change } from '../../src/change.js'
import type { TestDatabase } from '../../src/testing/index.js'

export interface Step {
  _id: number
  key: string
  n: number
}

export const poison = new Error('cannot be handled: ana@example.org')

export type Given = Partial<StreamOptions<Step>> & Record<string, unknown>

/** A stream over `source`, ordered by `key`; what is not given parks after one attempt. */
export const parking = (options: Given) =>
  defineStream<Step>({
    name: 's',
    watch: { collection: 'source' },
    key: ({ fullDocument }) => fullDocument?.key,
    targets: { target: { collection: 'target' } },
    retry: { attempts: 1 },
    onError: 'park',
    ...options,
  } as StreamOptions<Step>)

/** `n` changes of each key, one key after the other, again and again. */
export async function write({ db }: TestDatabase, keys: readonly string[], n: number, from = 0): Promise<void> {
  const steps = Array.from({ length: n }, (_, i) =>
    keys.map((key, k) => ({ _id: (from + i) * keys.length + k, key, n: from + i })),
  )
  await db.collection<Step>('source').insertMany(steps.flat(), { writeConcern: { w: 'majority' } })
}

export const anchor = async (place: TestDatabase, options: Given) =>
  await runStream(parking(options), { client: place.client, until: 'caught-up' }).done

export const letters = async ({ db }: TestDatabase) =>
  await db.collection('stream.deadLetters').find().sort({ token: 1 }).toArray()
export const shown = (found: Awaited<ReturnType<typeof letters>>) => found.map(({ documentId, state }) => [documentId, state])

export const documentOf = (change: Change<Step>) => change.fullDocument as Step

/** The steps of each key in the order in which they were handled. */
export class Handled {
  readonly of = new Map<string, number[]>()
  readonly add = ({ key, n }: Step) => void this.of.set(key, [...(this.of.get(key) ?? []), n])
}
