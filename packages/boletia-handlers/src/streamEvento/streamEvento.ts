import { type NamespaceOptions, type Stream, defineStream } from '@boletia/streams-core'
import type { Evento } from '../documents.js'
import { inventarioIndexes } from '../indexes.js'
import { pipeline } from './pipeline.js'
import { project } from './project.js'

export interface StreamEventoOptions {
  /** Where `eventos` is, when not on the run's default connection and database. */
  readonly watch?: NamespaceOptions
  readonly targets?: { readonly inventario?: NamespaceOptions }
}

/** Watches `eventos`: makes and closes the inventory of each event. */
export function streamEvento({ watch, targets }: StreamEventoOptions = {}): Stream<Evento> {
  return defineStream<Evento>({
    name: 'streamEvento',
    watch: { collection: 'eventos', ...watch },
    pipeline,
    targets: { inventario: { collection: 'inventario', ...targets?.inventario, indexes: inventarioIndexes } },
    project,
  })
}
