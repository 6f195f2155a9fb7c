// The checker of parking: reads with the bare driver where each change is. equation.js <uri>
// source = handled + parked + held, no change in two places or in none; `overtaken`: keys in which one was handled for the first time before an
// earlier one of its key, or although an earlier one is not handled; `repeated`: handled more than once. Prints JSON.
import { MongoClient } from 'mongodb'

const client = await new MongoClient(process.argv[2]!).connect()
const db = client.db()
const source = await db.collection<{ _id: string; key: number; n: number }>('source').find().toArray()
const target = await db.collection<{ _id: number; done: number[] }>('target').find().toArray()
const letters = await db.collection<{ _id: string; documentId: string; state: string }>('stream.deadLetters').find().toArray()

const doneOf = new Map(target.map(({ _id, done }) => [_id, done]))
const aside = new Map(letters.map(({ documentId, state }) => [documentId, state]))
const counts = { source: source.length, handled: 0, parked: 0, held: 0, nowhere: 0, twice: 0, overtaken: 0, repeated: 0 }
const firsts = new Map([...doneOf].map(([key, done]) => [key, [...new Set(done)]]))
for (const { _id, key, n } of source) {
  const isDone = firsts.get(key)?.includes(n) === true
  const state = aside.get(_id)
  if (isDone) counts.handled += 1
  if (state === 'parked') counts.parked += 1
  if (state === 'held') counts.held += 1
  if (!isDone && state === undefined) counts.nowhere += 1
  if (isDone && state !== undefined) counts.twice += 1
}
for (const [key, done] of doneOf) {
  const first = firsts.get(key)!
  if (first.some((n, index) => n !== index)) counts.overtaken += 1
  counts.repeated += done.length - first.length
}
console.log(JSON.stringify(counts))
await client.close()
