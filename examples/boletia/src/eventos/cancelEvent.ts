import type { Collection } from 'mongodb'
import type { Evento } from '@boletia/handlers'

export type Cancelled = { readonly kind: 'cancelled' | 'notFound' | 'notActive' }

/** A→C. The streams carry it on: to `inventario`, and from there to every active reservation. */
export async function cancelEvent(eventos: Collection<Evento>, nombre: string): Promise<Cancelled> {
  const { matchedCount } = await eventos.updateOne({ nombre, estado: 'A' }, { $set: { estado: 'C' } })
  if (matchedCount === 1) return { kind: 'cancelled' }
  const exists = await eventos.findOne({ nombre }, { projection: { _id: 1 } })
  return { kind: exists === null ? 'notFound' : 'notActive' }
}
