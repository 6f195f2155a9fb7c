import type { Evento } from '@boletia/handlers'
import { eventState, exactly, id, text, tickets } from '../http/schemas.js'

// `/reservas/inventario` and `/reservas/eventos` would answer instead of an event of that name; `.` and `..` are resolved away
// by HTTP clients before they send a path.
const hidden = ['inventario', 'eventos', '.', '..']
const nombre = { ...text, not: { enum: hidden }, description: `The event's name; ${hidden.join(', ')} are reserved` } as const

/** `evento` is the name that the API Gateway front end's clients send. */
export const newEvent = {
  ...exactly({ nombre, evento: { ...nombre, description: 'Alias of nombre' }, capacidad: tickets, categoria: text }, [
    'capacidad',
    'categoria',
  ]),
  oneOf: [
    { type: 'object', required: ['nombre'] },
    { type: 'object', required: ['evento'] },
  ],
} as const

export type NewEventBody = { readonly capacidad: number; readonly categoria: string } & (
  | { readonly nombre: string; readonly evento?: never }
  | { readonly evento: string; readonly nombre?: never }
)

export const eventReply = exactly({
  Id: id,
  Nombre: { type: 'string' },
  Capacidad: { type: 'integer' },
  Categoria: { type: 'string' },
  Estado: eventState,
})

export function toReply({ _id, nombre, capacidad, categoria, estado }: Evento) {
  return { Id: _id.toHexString(), Nombre: nombre, Capacidad: capacidad, Categoria: categoria, Estado: estado }
}
