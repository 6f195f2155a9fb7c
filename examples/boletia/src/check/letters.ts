import type { Reserva } from '@boletia/handlers'
import type { FoundMail } from './read.js'
import { type State, isState, states } from './report.js'

// To the letter, and written here a second time: what sends the mails is held against it.
const endings: Readonly<Record<State, string>> = {
  A: 'está confirmada',
  X: 'fue cancelada a petición suya',
  C: 'fue cancelada, el evento fue suspendido por los organizadores',
}

/**
 * Every mail tells of a state that its reservation had, and every reservation has the mail of each of its states: `A`, and the
 * final one. A second mail of one state is counted, not a fault: a worker that dies between sending and saving sends again.
 */
export function judgeMails(
  reservas: readonly Reserva[],
  mails: readonly FoundMail[],
): { readonly counts: Readonly<Record<State, number>> & { readonly repeated: number }; readonly faults: readonly string[] } {
  const counts = { A: 0, C: 0, X: 0, repeated: 0 }
  const faults: string[] = []
  const bySubject = new Map(reservas.map((reserva) => [`Boletia: reserva ${reserva._id.toHexString()}`, reserva]))
  const sent = new Set<string>()
  for (const { file, to, subject, text } of mails) {
    const reserva = bySubject.get(subject)
    const state = reserva && states.find((one) => text === textOf(reserva, one))
    if (reserva === undefined) faults.push(`mail ${file}: its subject names no reservation`)
    else if (state === undefined) faults.push(`mail ${file}: its text is none of the three`)
    else if (!statesOf(reserva).includes(state)) faults.push(`mail ${file} tells of ${state}, which its reservation never was`)
    else if (to !== reserva.email) faults.push(`mail ${file} went to somebody else`)
    if (reserva === undefined || state === undefined) continue

    counts[state] += 1
    const key = `${reserva._id.toHexString()} ${state}`
    if (sent.has(key)) counts.repeated += 1
    sent.add(key)
  }
  for (const reserva of reservas) {
    const id = reserva._id.toHexString()
    for (const state of statesOf(reserva))
      if (!sent.has(`${id} ${state}`)) faults.push(`reservation ${id}: no mail of its state ${state}`)
  }
  return { counts, faults }
}

/** Every reservation was active once; the state that it has now is the only other one that it can have had. */
function statesOf({ estado }: Reserva): readonly State[] {
  return estado === 'A' || !isState(estado) ? ['A'] : ['A', estado]
}

function textOf({ _id, cantidad, evento }: Reserva, state: State): string {
  return `Su reserva ${_id.toHexString()} de ${cantidad} boletos para el evento ${evento} ${endings[state]}`
}
