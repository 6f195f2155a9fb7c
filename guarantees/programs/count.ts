// The checker: reads with the bare driver what was done, beside what should have been done.
//   count.js <uri> [--at-least <collection>] <collection> …
// Each change must be counted once in each collection, in that of --at-least once or more often. A change that is missing is `lost` when
// a later one is there, else `stuck`: nobody has come that far yet. Prints JSON; exits 0 only when all three are 0.
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'

interface Bucket {
  readonly _id: number
  readonly n?: Readonly<Record<string, number>>
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { 'at-least': { type: 'string' } } })
const [uri, ...exactly] = positionals
const atLeast = values['at-least']
const client = await new MongoClient(uri!).connect()
const db = client.db()

async function countsOf(collection: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for await (const { n } of db.collection<Bucket>(collection).find().batchSize(10_000))
    for (const [id, times] of Object.entries(n ?? {})) counts.set(Number(id), times)
  return counts
}

const source = new Set((await db.collection<{ _id: number }>('source').find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id))
const exact = await Promise.all(exactly.map(countsOf))
const repeatable = atLeast === undefined ? null : await countsOf(atLeast)
const all = repeatable === null ? exact : [...exact, repeatable]
const done = all.flatMap((counts) => [...counts.keys()])
const highest = done.reduce((a, b) => Math.max(a, b), -1)
const missing = [...source].filter((id) => !all.every((counts) => counts.has(id)))
const lost = missing.filter((id) => id < highest)
const stuck = missing.filter((id) => id >= highest)
// An effect without a change is one too many, too.
const tooMany = (counts: Map<number, number>) => [...counts].filter(([id, times]) => times !== 1 || !source.has(id))
const doubled = [...new Set(exact.flatMap(tooMany).map(([id]) => id))]
const result = {
  source: source.size,
  lost: lost.length,
  stuck: stuck.length,
  doubled: doubled.length,
  examples: { lost: lost.slice(0, 5), stuck: stuck.slice(0, 5), doubled: doubled.slice(0, 5) },
  repeated: [...(repeatable?.values() ?? [])].reduce((sum, times) => sum + times - 1, 0),
}
console.log(JSON.stringify(result))
await client.close()
process.exitCode = result.lost + result.stuck + result.doubled === 0 ? 0 : 1
