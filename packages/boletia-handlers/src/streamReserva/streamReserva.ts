import { type NamespaceOptions, type Stream, defineStream } from '@boletia/streams-core'
import type { Reserva } from '../documents.js'
import { inventarioIndexes } from '../indexes.js'
import { pipeline } from './pipeline.js'
import { project } from './project.js'

export interface StreamReservaOptions {
  /** Where `reservas` is, when not on the run's default connection and database. */
  readonly watch?: NamespaceOptions
  readonly targets?: { readonly inventario?: NamespaceOptions }
}

/** Watches `reservas`: gives the tickets of cancelled reservations back. */
export function streamReserva({ watch, targets }: StreamReservaOptions = {}): Stream<Reserva> {
  return defineStream<Reserva>({
    name: 'streamReserva',
    watch: { collection: 'reservas', ...watch },
    pipeline,
    // The guard compares tokens per event, so the changes of one event must stay in order. Unknown: a barrier.
    key: (change) => change.fullDocument?.evento,
    targets: { inventario: { collection: 'inventario', ...targets?.inventario, indexes: inventarioIndexes } },
    // Customers write inventario all the time; beside them a transaction of many changes hardly ever commits (protocol.md 15).
    delivery: 'bulk',
    project,
  })
}
