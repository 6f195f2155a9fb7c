// A backfill that is killed again and again while writers go on; then source and target are compared by another process.
//   npm run backfill -- --documents 100000 --kills 10 [--kind project|handle]
// Exits 1 unless they are equal.
import { parseArgs } from 'node:util'
import { startReplicaSet } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { backfillTrial } from '../harness/backfillTrial.js'
import { ownDatabase } from '../harness/ownDatabase.js'
import { copying } from '../programs/copying.js'

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '10' },
    kind: { type: 'string', default: 'project' },
  },
})
const documents = Number(values.documents)
const kills = Number(values.kills)
const { kind } = values
if (!(documents > 0) || !(kills >= 0) || (kind !== 'project' && kind !== 'handle')) {
  console.error('usage: npm run backfill -- --documents <n> --kills <n> [--kind project|handle]')
  process.exit(2)
}
await using set = await startReplicaSet({ auth: true })
const client = await new MongoClient(set.uri).connect()
const trial = await backfillTrial(client, await ownDatabase(set, [copying(kind)]), kind, documents)
const began = performance.now()
for (let kill = 1; kill <= kills; kill += 1) {
  const after = Math.floor((documents * kill) / (kills + 1))
  await trial.killAfter(after)
  console.log(`kill ${kill}: after ${after} documents or more`)
}
const verdict = await trial.verdict()
const seconds = Math.round((performance.now() - began) / 1000)
console.log(`${kind}: ${documents} documents, ${kills} kill -9, ${verdict.written} writes beside them, ${seconds} s`)
console.log(JSON.stringify(verdict))
await client.close()
process.exitCode = verdict.exit === 0 ? 0 : 1
