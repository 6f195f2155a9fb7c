// Two of Boletia's streams in a process to be killed: reservations are made, and tickets come back. boletia.js <uri> <guarded | bare>
// Bare, the tickets come back without the guard: that has to fail. Says and takes the same lines as worker.ts.
import { defineStream, isStreamError, runStream } from '@boletia/streams-core'
import { unguarded } from '@boletia/streams-core/guards'
import { type Reserva, streamInventario, streamReserva } from '@boletia/handlers'
import { MongoClient } from 'mongodb'
import type { WorkOrder } from '../harness/orders.js'
import { ambusher, ordered, say } from './stdio.js'

const [uri, mode] = process.argv.slice(2)
const client = await new MongoClient(uri!, { appName: 'worker' }).connect()
say({ event: 'warm' })
const { ambushes, ttlMs } = await ordered<WorkOrder>()

const guarded = streamReserva()
const bare = defineStream<Reserva>({
  name: guarded.name,
  watch: { collection: 'reservas' },
  pipeline: guarded.pipeline,
  targets: { inventario: { collection: 'inventario' } },
  delivery: 'bulk',
  project({ fullDocument }) {
    const { evento, cantidad } = fullDocument as Reserva
    const filter = { nombre: evento, estado: 'A' }
    return [unguarded({ target: 'inventario', updateOne: { filter, update: { $inc: { disponible: cantidad } } } })]
  },
})

const passing = ambusher(ambushes)
const opened = () => say({ event: 'opened', at: Date.now() })
const observer = { passing: ({ point }: { readonly point: Parameters<typeof passing>[0] }) => passing(point), opened }
const options = { client, leaseTtlMs: ttlMs, observer }
try {
  await Promise.all([
    runStream(streamInventario(), { ...options, observer: { opened } }).done,
    runStream(mode === 'bare' ? bare : guarded, options).done,
  ])
} catch (error) {
  say({ event: 'failed', code: isStreamError(error) ? error.code : 'none' })
  console.error(error)
  process.exit(1)
}
