import type { ObjectId } from 'mongodb'

// The collections of Boletia. Field names and state letters are the product's interface: never translated.

/** `A` active; `C` cancelled by the organizers; `X` cancelled by the customer (reservations only). `C` and `X` are final. */
export type Estado = 'A' | 'C' | 'X'

export interface Evento {
  readonly _id: ObjectId
  /** Business key, unique. */
  readonly nombre: string
  readonly capacidad: number
  readonly categoria: string
  readonly estado: 'A' | 'C'
}

/** What is left of an event; `_id` is the event's. */
export interface Inventario {
  readonly _id: ObjectId
  /** Unique: it makes the insert repeatable. Never changes. */
  readonly nombre: string
  readonly disponible: number
  readonly categoria: string
  readonly estado: 'A' | 'C'
  /** The latest reservation request, always written whole and with a fresh `_id`. */
  readonly reserva?: { readonly _id: ObjectId; readonly email: string; readonly cantidad: number }
  /** The guard of streamReserva: token of the last cancelled reservation whose tickets came back. */
  readonly token?: string
}

export interface Reserva {
  readonly _id: ObjectId
  /** The event's `nombre`. Neither it nor `email` nor `cantidad` ever changes. */
  readonly evento: string
  readonly email: string
  readonly cantidad: number
  readonly estado: Estado
}
