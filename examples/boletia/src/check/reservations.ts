import type { Found } from './read.js'
import { type State, isState } from './report.js'

/**
 * States, and that nothing was lost or made up: with `accepted`, the Ids of the granted requests, exactly these exist.
 */
export function judgeReservations(
  { eventos, reservas }: Found,
  accepted: readonly string[] | null,
): { readonly counts: Readonly<Record<State, number>>; readonly faults: readonly string[] } {
  const counts = { A: 0, C: 0, X: 0 }
  const faults: string[] = []
  const stateOfEvent = new Map(eventos.map(({ nombre, estado }) => [nombre, estado]))
  for (const { _id, evento, estado } of reservas) {
    const id = _id.toHexString()
    if (isState(estado)) counts[estado] += 1
    else faults.push(`reservation ${id}: its state is ${JSON.stringify(estado)}; only A, C and X exist`)
    const event = stateOfEvent.get(evento)
    if (event === undefined) faults.push(`reservation ${id}: there is no event ${evento}`)
    if (event === 'A' && estado === 'C') faults.push(`reservation ${id} was cancelled with its event, but ${evento} is active`)
  }
  if (accepted === null) return { counts, faults }

  const existing = new Set(reservas.map(({ _id }) => _id.toHexString()))
  const granted = new Set(accepted)
  for (const id of granted) if (!existing.has(id)) faults.push(`reservation ${id} was granted and is lost`)
  for (const id of existing) if (!granted.has(id)) faults.push(`reservation ${id} exists, but nobody was granted it`)
  return { counts, faults }
}
