// The checker of backfills: compares a source with its copy and with what was counted, with the bare driver. sameCopy.js <uri>
// Prints JSON: `missing` documents of the source are not in the copy, `extra` ones of the copy not in the source, `different` ones differ;
// `miscounted`: groups whose number of documents is wrong. Exits 0 only when all of these are 0.
import { isDeepStrictEqual } from 'node:util'
import { MongoClient } from 'mongodb'
import { groupOf } from '../harness/existing.js'

interface Kept {
  readonly _id: number
  readonly tokens?: unknown
  readonly tombstone?: unknown
}

const client = await new MongoClient(process.argv[2]!).connect()
const db = client.db()
const all = async (collection: string) => await db.collection<Kept>(collection).find().batchSize(10_000).toArray()
const source = new Map((await all('source')).map((document) => [document._id, document]))
const copy = new Map(
  (await all('copy')).flatMap(({ tokens: _tokens, ...document }) =>
    document.tombstone ? [] : [[document._id, document] as const],
  ),
)
const groups = await db.collection<{ _id: number; count: number }>('groups').find().toArray()

const due = new Map<number, number>()
for (const id of source.keys()) due.set(groupOf(id), (due.get(groupOf(id)) ?? 0) + 1)
const result = {
  source: source.size,
  missing: [...source.keys()].filter((id) => !copy.has(id)).length,
  extra: [...copy.keys()].filter((id) => !source.has(id)).length,
  different: [...source].filter(([id, document]) => copy.has(id) && !isDeepStrictEqual(copy.get(id), document)).length,
  miscounted: groups.filter(({ _id, count }) => count !== (due.get(_id) ?? 0)).length,
}
console.log(JSON.stringify(result))
await client.close()
process.exitCode = result.missing + result.extra + result.different + result.miscounted === 0 ? 0 : 1
