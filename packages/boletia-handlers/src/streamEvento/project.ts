import type { Change, Write } from '@boletia/streams-core'
import { insertOnce, transition } from '@boletia/streams-core/guards'
import type { Evento } from '../documents.js'

/** A new event becomes an inventory document; a cancelled one closes it. Any other update is none of this stream's business. */
export function project(change: Change<Evento>): Write[] {
  if (change.operationType === 'insert') {
    const { capacidad, ...copy } = change.fullDocument
    return [insertOnce({ target: 'inventario', key: { nombre: copy.nombre }, document: { ...copy, disponible: capacidad } })]
  }
  if (change.operationType === 'update' && change.updateDescription.updatedFields?.estado === 'C') {
    // nombre never changes, so reading it from the document as it is now is safe; if that is gone, the inventory has the event's _id.
    const filter = change.fullDocument === null ? { _id: change.documentKey._id } : { nombre: change.fullDocument.nombre }
    return [transition({ target: 'inventario', filter, field: 'estado', from: 'A', to: 'C' })]
  }
  return []
}
