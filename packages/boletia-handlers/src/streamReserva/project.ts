import type { Change, Write } from '@boletia/streams-core'
import { type GuardContext, guardedInc } from '@boletia/streams-core/guards'
import type { Reserva } from '../documents.js'

/**
 * The tickets of a reservation that its customer cancelled come back, once, while the event is active.
 * `evento` and `cantidad` never change, so the document as it is now tells them.
 * @throws {Error} when the reservation is gone: how many tickets are due, and where, is unknown, and going on would lose them.
 */
export function project(change: Change<Reserva>, context: GuardContext): Write[] {
  if (change.operationType !== 'update' || change.updateDescription.updatedFields?.estado !== 'X') return []
  if (change.fullDocument === null) {
    throw new Error(
      'The cancelled reservation is gone, and with it its event and its tickets. Nothing in Boletia deletes: restore it, then start again.',
    )
  }
  const { evento, cantidad } = change.fullDocument
  return [
    guardedInc(context, {
      target: 'inventario',
      filter: { nombre: evento, estado: 'A' },
      inc: { disponible: cantidad },
      field: 'token',
    }),
  ]
}
