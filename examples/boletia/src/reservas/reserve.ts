import { type Collection, ObjectId } from 'mongodb'
import type { Inventario, Reserva } from '@boletia/handlers'

export type Request = Pick<Reserva, 'evento' | 'cantidad' | 'email'>
export type Reserved =
  | { readonly kind: 'reserved'; readonly reserva: Reserva }
  | { readonly kind: 'notFound' | 'notActive' | 'notEnough' }

/**
 * Takes the tickets in one atomic update, so that nothing is oversold however many ask at once; streamInventario makes the
 * reservation of it.
 *
 * `reserva` is set whole, by a plain `$set` and with a fresh `_id`: a pipeline-style update, or flat fields, would leave members
 * whose value did not change out of `updatedFields`, and a customer who asks for the same twice would lose a reservation.
 */
export async function reserve(inventario: Collection<Inventario>, { evento, cantidad, email }: Request): Promise<Reserved> {
  const _id = new ObjectId()
  const { matchedCount } = await inventario.updateOne(
    { nombre: evento, estado: 'A', disponible: { $gte: cantidad } },
    { $inc: { disponible: -cantidad }, $set: { reserva: { _id, email, cantidad } } },
  )
  if (matchedCount === 1) return { kind: 'reserved', reserva: { _id, evento, estado: 'A', email, cantidad } }
  const found = await inventario.findOne({ nombre: evento }, { projection: { estado: 1 } })
  if (found === null) return { kind: 'notFound' }
  return { kind: found.estado === 'A' ? 'notEnough' : 'notActive' }
}
