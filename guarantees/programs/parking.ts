// A process to be killed while it parks and puts back. parking.js <uri> <handle|project> <broken|mended> <on|once>
// Runs a stream that notes each change's number at its key; broken, it cannot handle one of them.
import { type Stream, type StreamOptions, defineStream, isStreamError, runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import { type Numbered, isPoison } from '../harness/poison.js'
import { say } from './stdio.js'

const [uri, kind, state, how] = process.argv.slice(2) as [string, 'handle' | 'project', 'broken' | 'mended', 'on' | 'once']

const noted = ({ key, n }: Numbered) => ({ filter: { _id: key }, update: { $push: { done: n } }, upsert: true })

function refuse(numbered: Numbered): void {
  if (state === 'broken' && isPoison(numbered)) throw new Error('poison')
}

const work: Pick<StreamOptions<Numbered>, 'handle'> | Pick<StreamOptions<Numbered>, 'project'> =
  kind === 'project'
    ? {
        project({ fullDocument }) {
          refuse(fullDocument as Numbered)
          return [{ target: 'target', updateOne: noted(fullDocument as Numbered) }]
        },
      }
    : {
        async handle({ fullDocument }, context) {
          refuse(fullDocument as Numbered)
          const { filter, update, upsert } = noted(fullDocument as Numbered)
          await context.target<{ _id: number; done: number[] }>('target').updateOne(filter, update, { upsert })
        },
      }

const stream: Stream<Numbered> = defineStream<Numbered>({
  name: 'parking',
  watch: { collection: 'source' },
  key: ({ fullDocument }) => fullDocument?.key,
  targets: { target: { collection: 'target' } },
  retry: { attempts: 1 },
  onError: 'park',
  ...work,
})

const client = await new MongoClient(uri, { appName: 'parking' }).connect()
const run = runStream(stream, {
  client,
  observer: { opened: () => say({ event: 'opened', at: Date.now() }) },
  ...(how === 'once' && { until: 'caught-up' as const }),
})
try {
  say({ event: 'ended', reason: (await run.done).reason })
} catch (error) {
  say({ event: 'failed', code: isStreamError(error) ? error.code : 'none' })
  console.error(error)
  process.exitCode = 1
}
await client.close()
