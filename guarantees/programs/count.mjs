// The checker: reads with the bare driver what was done, beside what should have been. count.mjs <uri>
// Prints {"source", "lost", "doubled"} and exits 0 only when nothing was lost and nothing was done twice.
import { MongoClient } from 'mongodb'

const client = await new MongoClient(process.argv[2]).connect()
const db = client.db()
const source = await db.collection('source').distinct('_id')
const effects = new Map((await db.collection('effects').find().toArray()).map(({ _id, n }) => [String(_id), n]))
const lost = source.filter((id) => !effects.has(String(id))).length
const doubled = [...effects.values()].filter((n) => n !== 1).length
console.log(JSON.stringify({ source: source.length, lost, doubled }))
await client.close()
process.exitCode = lost + doubled === 0 ? 0 : 1
