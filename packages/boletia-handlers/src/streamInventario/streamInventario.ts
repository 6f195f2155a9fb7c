import { type NamespaceOptions, type Stream, defineStream } from '@boletia/streams-core'
import type { Inventario } from '../documents.js'
import { reservasIndexes } from '../indexes.js'
import { pipeline } from './pipeline.js'
import { project } from './project.js'

export interface StreamInventarioOptions {
  /** Where `inventario` is, when not on the run's default connection and database. */
  readonly watch?: NamespaceOptions
  readonly targets?: { readonly reservas?: NamespaceOptions }
}

/** Watches `inventario`: makes reservations of the requests, and cancels them all with their event. */
export function streamInventario({ watch, targets }: StreamInventarioOptions = {}): Stream<Inventario> {
  return defineStream<Inventario>({
    name: 'streamInventario',
    watch: { collection: 'inventario', ...watch },
    pipeline,
    targets: { reservas: { collection: 'reservas', ...targets?.reservas, indexes: reservasIndexes } },
    project,
  })
}
