import { judgeMails } from './letters.js'
import type { Found, FoundMail } from './read.js'
import type { Report } from './report.js'
import { judgeReservations } from './reservations.js'
import { judgeTickets } from './tickets.js'

/** Holds what was found against the domain (README.md, "What the checker asks"). */
export function judge(found: Found, mails: readonly FoundMail[], accepted: readonly string[] | null): Report {
  const tickets = judgeTickets(found)
  const reservations = judgeReservations(found, accepted)
  const letters = judgeMails(found.reservas, mails)
  // A wrong database or an empty one must not pass.
  const nothing = found.eventos.length === 0 ? ['there is not one event: nothing was checked'] : []
  const faults = [...nothing, ...tickets.faults, ...reservations.faults, ...letters.faults]
  return { pass: faults.length === 0, faults, events: tickets.rows, reservations: reservations.counts, mails: letters.counts }
}
