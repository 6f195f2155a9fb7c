import { type Collection, MongoServerError, ObjectId } from 'mongodb'
import type { Evento } from '@boletia/handlers'

export type NewEvent = Pick<Evento, 'nombre' | 'capacidad' | 'categoria'>
export type Created = { readonly kind: 'created'; readonly evento: Evento } | { readonly kind: 'duplicate' }

const duplicateKey = 11000

/** Inserts the event as active. The unique index on `nombre` decides who was first, not a read before the write. */
export async function createEvent(eventos: Collection<Evento>, { nombre, capacidad, categoria }: NewEvent): Promise<Created> {
  const evento: Evento = { _id: new ObjectId(), nombre, capacidad, categoria, estado: 'A' }
  try {
    await eventos.insertOne(evento)
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return { kind: 'duplicate' }
    throw error
  }
  return { kind: 'created', evento }
}
