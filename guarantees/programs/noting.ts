import { type Stream, type StreamOptions, defineStream } from '@boletia/streams-core'
import { guardedUpdate } from '@boletia/streams-core/guards'
import { type Numbered, type ParkingKind, isPoison } from '../harness/poison.js'

const noted = ({ key, n }: Numbered) => ({ filter: { _id: key }, update: { $push: { done: n } }, upsert: true })

type Work = Pick<StreamOptions<Numbered>, 'handle'> | Pick<StreamOptions<Numbered>, 'project' | 'delivery'>

/** A stream that notes each change's number at its key; broken, it cannot handle one of them. */
export function noting(
  kind: ParkingKind,
  { isBroken, onError }: { readonly isBroken: boolean; readonly onError: 'stop' | 'park' },
): Stream<Numbered> {
  return defineStream<Numbered>({
    name: 'parking',
    watch: { collection: 'source' },
    key: ({ fullDocument }) => fullDocument?.key,
    targets: { target: { collection: 'target' } },
    retry: { attempts: 1 },
    onError,
    ...works(isBroken)[kind],
  })
}

function works(isBroken: boolean): Readonly<Record<ParkingKind, Work>> {
  const refuse = (numbered: Numbered): void => {
    if (isBroken && isPoison(numbered)) throw new Error('poison')
  }
  return {
    project: {
      project({ fullDocument }) {
        refuse(fullDocument as Numbered)
        return [{ target: 'target', updateOne: noted(fullDocument as Numbered) }]
      },
    },
    guarded: {
      delivery: 'bulk',
      project({ fullDocument }, context) {
        refuse(fullDocument as Numbered)
        const { filter, update } = noted(fullDocument as Numbered)
        return [guardedUpdate(context, { target: 'target', filter, update })]
      },
    },
    handle: {
      async handle({ fullDocument }, context) {
        refuse(fullDocument as Numbered)
        const { filter, update, upsert } = noted(fullDocument as Numbered)
        await context.target<{ _id: number; done: number[] }>('target').updateOne(filter, update, { upsert })
      },
    },
  }
}
