import type { Collection, ObjectId } from 'mongodb'
import type { Reserva } from '@boletia/handlers'

export type Cancelled = { readonly kind: 'cancelled' | 'notFound' | 'notActive' }

/** A→X. It does not touch `inventario`: streamReserva gives the tickets back, and doing it here too would give them twice. */
export async function cancelReservation(reservas: Collection<Reserva>, _id: ObjectId): Promise<Cancelled> {
  const { matchedCount } = await reservas.updateOne({ _id, estado: 'A' }, { $set: { estado: 'X' } })
  if (matchedCount === 1) return { kind: 'cancelled' }
  const exists = await reservas.findOne({ _id }, { projection: { _id: 1 } })
  return { kind: exists === null ? 'notFound' : 'notActive' }
}
