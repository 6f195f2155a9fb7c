// Kills and freezes workers for as long as one likes and counts what was lost, doubled or stuck.
//   npm run soak -- --kills 1000 --zombies 100 --seed 7 [--chapter 12] [--mutant <name>] [--stuck-after-ms 15000]
// The decisions come from the seed alone: the same line does the same again, and with --chapter only that one. Exits 1 unless the last line
// says lost 0, doubled 0, stuck 0.
import { parseArgs } from 'node:util'
import { startReplicaSet } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { ownDatabase } from '../harness/ownDatabase.js'
import { streamsOf } from '../programs/counted.js'
import { runChapter } from './chapter.js'
import { isGood, noFigures, report } from './report.js'
import { schedule } from './schedule.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    zombies: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    chapter: { type: 'string' },
    mutant: { type: 'string' },
    'stuck-after-ms': { type: 'string', default: '15000' },
  },
})
const number = (name: 'kills' | 'zombies' | 'seed' | 'chapter' | 'stuck-after-ms') => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} must be a whole number from 0 on; got ${values[name]}`)
  process.exit(2)
}
const log = (line: string) => console.log(line)

const given = { kills: number('kills'), zombies: number('zombies'), seed: number('seed') }
const only = values.chapter === undefined ? null : number('chapter')
const mutant = values.mutant ?? null
const chapters = schedule(given)
log(
  `npm run soak -- --kills ${given.kills} --zombies ${given.zombies} --seed ${given.seed}${mutant === null ? '' : ` --mutant ${mutant}`}`,
)

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (interrupted = true))

const figures = noFigures()
const began = performance.now()
{
  await using set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
  const client = await new MongoClient(set.uri).connect()
  for (const [index, chapter] of chapters.entries()) {
    if (interrupted || (only !== null && only !== index + 1)) continue
    const good = await runChapter({
      chapter,
      number: index + 1,
      figures,
      client,
      database: await ownDatabase(set, streamsOf(chapter.mode)),
      mutant,
      patienceMs: number('stuck-after-ms'),
      stuckAfterMs: number('stuck-after-ms'),
      isInterrupted: () => interrupted,
      log,
    })
    // What comes after a fault tells nothing new.
    if (!good) {
      log(
        `npm run soak -- --kills ${given.kills} --zombies ${given.zombies} --seed ${given.seed} --chapter ${index + 1} does this chapter again`,
      )
      break
    }
  }
  await client.close()
}
log(`${interrupted ? 'interrupted after' : 'done in'} ${Math.round((performance.now() - began) / 1000)} s`)
for (const line of report(figures)) log(line)
process.exitCode = isGood(figures) && !interrupted ? 0 : 1
