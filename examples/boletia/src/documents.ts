import type { ObjectId } from 'mongodb'

/** `A` active, `C` cancelled by the organizers, `X` cancelled by the customer. Only A→C and A→X exist. */
export type Estado = 'A' | 'C' | 'X'

/** Collection `eventos`, written by the service of that name. */
export interface Evento {
  readonly _id: ObjectId
  readonly nombre: string
  readonly capacidad: number
  readonly categoria: string
  readonly estado: 'A' | 'C'
}

/** Collection `inventario`: what is left of an event, under the event's own `_id`. Inserted by streamEvento. */
export interface Inventario {
  readonly _id: ObjectId
  readonly nombre: string
  readonly disponible: number
  readonly categoria: string
  readonly estado: 'A' | 'C'
  /** The latest request; streamInventario makes a reservation of each. Its `_id` becomes the reservation's. */
  readonly reserva?: { readonly _id: ObjectId; readonly email: string; readonly cantidad: number }
  /** streamReserva's guard. */
  readonly token?: string
}

/** Collection `reservas`: inserted by streamInventario, cancelled by the service. `evento` is the event's `nombre`. */
export interface Reserva {
  readonly _id: ObjectId
  readonly evento: string
  readonly email: string
  readonly cantidad: number
  readonly estado: Estado
}
