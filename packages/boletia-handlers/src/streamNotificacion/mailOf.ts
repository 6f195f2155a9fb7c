import { type Change, type Skip, skip } from '@boletia/streams-core'
import type { Reserva } from '../documents.js'
import { isEmailAddress } from '../mail/emailAddress.js'
import type { Mail } from '../mail/transport.js'
import { isEstado, subjectOf, textOf } from './texts.js'

/** The mail that a change calls for, or why there is none. The state is the change's own, not the one that the document has by now. */
export function mailOf(change: Change<Reserva>, token: string): Mail | Skip {
  if (change.operationType !== 'insert' && change.operationType !== 'update') return skip('neither an insert nor an update')
  if (change.fullDocument === null) return skip('the reservation is gone: nobody to write to')
  const { email, cantidad, evento } = change.fullDocument
  const estado = change.operationType === 'insert' ? change.fullDocument.estado : change.updateDescription.updatedFields?.estado
  if (!isEstado(estado)) return skip('no state to tell of')
  // It would fail for ever and hold up every other customer's mail.
  if (!isEmailAddress(email)) return skip('the reservation has no usable e-mail address')
  const id = String(change.fullDocument._id)
  return { id, estado, token, to: email, subject: subjectOf(id), text: textOf(estado, id, cantidad, evento) }
}
