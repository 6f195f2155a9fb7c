// Watches Boletia's tickets while others work, with the bare driver: tickets.js <uri>
// At every moment no event may have more tickets, left or reserved, than it began with, nor fewer than none left: what is on its way is
// counted nowhere yet. Looks until stdin ends, and once more after that: what was there by then is seen. Then prints {"looks", "faults"};
// exits 0 only when there were no faults.
import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'

interface Balance {
  readonly nombre: string
  readonly capacidad: number
  readonly disponible: number
  readonly reserved: number
}

const client = await new MongoClient(process.argv[2]!).connect()
const over = new AbortController()
process.stdin.resume().once('end', () => over.abort())
const faults = new Set<string>()
let looks = 0
for (let isLast = false; !isLast;) {
  isLast = over.signal.aborted
  for (const { nombre, capacidad, disponible, reserved } of await look()) {
    if (disponible < 0) faults.add(`${nombre}: ${disponible} left`)
    if (disponible + reserved > capacidad) faults.add(`${nombre}: ${disponible} left + ${reserved} reserved > ${capacidad}`)
  }
  looks += 1
  if (!isLast) await delay(10)
}
console.log(JSON.stringify({ looks, faults: [...faults] }))
await client.close()
process.exitCode = faults.size === 0 ? 0 : 1

/** Both collections as of one moment. */
async function look(): Promise<Balance[]> {
  return await client.withSession({ snapshot: true }, async (session) => {
    const db = client.db()
    const events = await db.collection('inventario').find({}, { session }).toArray()
    const group = { $group: { _id: '$evento', reserved: { $sum: '$cantidad' } } }
    const sums = await db
      .collection('reservas')
      .aggregate([{ $match: { estado: 'A' } }, group], { session })
      .toArray()
    return events.map(({ nombre, capacidad, disponible }) => ({
      nombre: nombre as string,
      capacidad: capacidad as number,
      disponible: disponible as number,
      reserved: (sums.find(({ _id }) => _id === nombre)?.['reserved'] ?? 0) as number,
    }))
  })
}
