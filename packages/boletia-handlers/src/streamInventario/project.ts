import type { Change, Write } from '@boletia/streams-core'
import { insertOnce, transition } from '@boletia/streams-core/guards'
import type { Inventario } from '../documents.js'

/**
 * A reservation request becomes a reservation; the event's cancellation cancels every active one.
 * The request is read from `updatedFields`, which is exact per change. `fullDocument` is the document as it is now: two quick
 * requests would both show the second one, and the first reservation would be lost. Only `nombre`, which never changes, comes from there.
 * @throws {Error} when the event's name cannot be known, or the request was written by parts: stopping loses nothing.
 */
export function project(change: Change<Inventario>): Write[] {
  if (change.operationType !== 'update') return []
  const updated = change.updateDescription.updatedFields ?? {}
  if ('reserva._id' in updated) {
    throw new Error(
      'A reservation request was written by parts: members that did not change are missing. Write reserva whole, with a plain $set.',
    )
  }
  const { reserva, estado } = updated
  const requested = reserva !== undefined && reserva !== null
  if (!requested && estado !== 'C') return []
  if (change.fullDocument === null) {
    throw new Error(
      'The inventory document is gone, and with it the name of the event. Nothing in Boletia deletes: restore it, then start again.',
    )
  }
  const evento = change.fullDocument.nombre
  const writes: Write[] = []
  if (requested) {
    const { _id, email, cantidad } = reserva
    writes.push(insertOnce({ target: 'reservas', document: { _id, evento, email, cantidad, estado: 'A' } }))
  }
  // X stays X: the customer was first.
  if (estado === 'C')
    writes.push(transition({ target: 'reservas', filter: { evento }, field: 'estado', from: 'A', to: 'C', many: true }))
  return writes
}
