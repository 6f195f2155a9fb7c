import type { Inventario, Reserva } from '@boletia/handlers'
import { email, eventState, exactly, id, left, text, tickets } from '../http/schemas.js'

export const newReservation = exactly({ evento: text, cantidad: tickets, email })

export interface NewReservationBody {
  readonly evento: string
  readonly cantidad: number
  readonly email: string
}

export const inventoryReply = exactly({
  Id: id,
  Nombre: { type: 'string' },
  Disponible: left,
  Categoria: { type: 'string' },
  Estado: eventState,
})

/** The same in the API Gateway front end's shape: its `Capacidad` is what is left. */
export const inventoryAliasReply = exactly({
  Evento: { type: 'string' },
  Capacidad: left,
  Categoria: { type: 'string' },
  Estado: eventState,
})

export const reservationReply = exactly({
  Id: id,
  Evento: { type: 'string' },
  Estado: { type: 'string', enum: ['A', 'C', 'X'], description: 'A active, C cancelled by the organizers, X by the customer' },
  Email: { type: 'string' },
  Cantidad: { type: 'integer' },
})

export function inventoryToReply({ _id, nombre, disponible, categoria, estado }: Inventario) {
  return { Id: _id.toHexString(), Nombre: nombre, Disponible: disponible, Categoria: categoria, Estado: estado }
}

export function inventoryToAlias({ nombre, disponible, categoria, estado }: Inventario) {
  return { Evento: nombre, Capacidad: disponible, Categoria: categoria, Estado: estado }
}

export function reservationToReply({ _id, evento, estado, email: address, cantidad }: Reserva) {
  return { Id: _id.toHexString(), Evento: evento, Estado: estado, Email: address, Cantidad: cantidad }
}
