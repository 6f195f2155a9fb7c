import type { NamespaceOptions, Stream } from '@boletia/streams-core'
import { streamEvento } from './streamEvento/streamEvento.js'
import { streamInventario } from './streamInventario/streamInventario.js'
import { type StreamNotificacionOptions, streamNotificacion } from './streamNotificacion/streamNotificacion.js'
import { streamReserva } from './streamReserva/streamReserva.js'

export interface BoletiaStreamsOptions {
  /** Where each collection is, when not on the run's default connection and database. */
  readonly eventos?: NamespaceOptions
  readonly inventario?: NamespaceOptions
  readonly reservas?: NamespaceOptions
  readonly mail?: StreamNotificacionOptions['mail']
}

/** Boletia's four streams over one set of collections. Nothing is opened. */
export function boletiaStreams({ eventos = {}, inventario = {}, reservas = {}, mail }: BoletiaStreamsOptions = {}): Stream[] {
  return [
    streamEvento({ watch: eventos, targets: { inventario } }),
    streamInventario({ watch: inventario, targets: { reservas } }),
    streamReserva({ watch: reservas, targets: { inventario } }),
    streamNotificacion({ watch: reservas, ...(mail && { mail }) }),
  ]
}
