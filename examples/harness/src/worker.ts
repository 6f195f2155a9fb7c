// A worker to be killed: worker.js <module>. Runs the module's `streams` on MONGODB_URI, as `boletia-streams run --all --standby` does,
// from the line on stdin on that says where to die; a second line makes it catch up and end. One line of JSON on stdout for each event.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type Observer, type RunHandle, type Stream, runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import { ambush } from './ambush.js'
import type { Crash } from './example.js'

const { streams } = (await import(process.argv[2]!)) as { readonly streams: readonly Stream[] }
const client = await new MongoClient(process.env['MONGODB_URI']!, { monitorCommands: true }).connect()
const lines = createInterface({ input: process.stdin })
// A worker does not outlive the harness.
lines.once('close', () => process.exit(3))
const say = (event: string) => console.log(event)

say('warm')
const [order] = (await once(lines, 'line')) as [string]
const passing = ambush(client, JSON.parse(order) as Crash | null)
let reading = 0
const observer: Observer = {
  passing,
  opened() {
    if ((reading += 1) === streams.length) say('reading')
  },
}
const runs = streams.map((stream) => runStream(stream, { client, standby: true, observer }))
for (const { done } of runs) {
  done.catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
}

await once(lines, 'line')
await caughtUp(runs)
await Promise.all(runs.map((run) => run.stop()))
say('ended')
process.exit(0)

/** Streams may write what others watch: a round in which nobody had anything to do wrote nothing either. */
async function caughtUp(runs: readonly RunHandle[]): Promise<void> {
  const settled = () => runs.reduce((sum, { status }) => sum + status.handled + status.skipped + status.parked, 0)
  for (let before = -1; before !== settled();) {
    before = settled()
    await Promise.all(runs.map((run) => run.whenCaughtUp()))
  }
}
