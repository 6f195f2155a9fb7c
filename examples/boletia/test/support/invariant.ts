import type { Db } from 'mongodb'
import type { Evento, Inventario, Reserva } from '@boletia/handlers'

/** What the reservas service answered with when it granted a request. */
export interface Granted {
  readonly Id: string
  readonly Evento: string
  readonly Email: string
  readonly Cantidad: number
}

export interface ReceivedMail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

// To the letter, and not taken from the handlers: this is what they are held against.
const endings = {
  A: 'está confirmada',
  X: 'fue cancelada a petición suya',
  C: 'fue cancelada, el evento fue suspendido por los organizadores',
} as const

/**
 * What contradicts the domain once the streams have caught up, a sentence each: tickets of active events neither lost nor made,
 * every granted request one reservation, no reservation active under a cancelled event, and exactly one mail for each state that
 * a reservation had.
 */
export async function violations(
  db: Db,
  granted: readonly Granted[],
  mails: readonly ReceivedMail[],
): Promise<readonly string[]> {
  const eventos = await db.collection<Evento>('eventos').find().toArray()
  const inventario = await db.collection<Inventario>('inventario').find().toArray()
  const reservas = await db.collection<Reserva>('reservas').find().toArray()
  return [
    ...eventos.flatMap((evento) => ofEvent(evento, inventario, reservas)),
    ...differences('reservation', granted.map(describeGranted), reservas.map(describeReserva)),
    ...differences('mail', reservas.flatMap(mailsOf), mails.map(describeMail)),
  ]
}

function ofEvent(
  { _id, nombre, capacidad, estado }: Evento,
  inventario: readonly Inventario[],
  reservas: readonly Reserva[],
): string[] {
  const left = inventario.filter((one) => one.nombre === nombre)
  const [first] = left
  if (first === undefined || left.length > 1 || !first._id.equals(_id))
    return [`${nombre}: ${left.length} inventory documents of its own`]
  if (first.estado !== estado) return [`${nombre} is ${estado}, its inventory ${first.estado}`]
  const active = reservas.filter((reserva) => reserva.evento === nombre && reserva.estado === 'A')
  if (estado === 'C')
    return active.map((reserva) => `${nombre} is cancelled, its reservation ${reserva._id.toHexString()} active`)
  const taken = active.reduce((sum, { cantidad }) => sum + cantidad, 0)
  return first.disponible + taken === capacidad ? [] : [`${nombre}: ${first.disponible} left + ${taken} reserved ≠ ${capacidad}`]
}

function describeGranted({ Id, Evento: evento, Email, Cantidad }: Granted): string {
  return `${Id} ${evento} ${Email} ${Cantidad}`
}

function describeReserva({ _id, evento, email, cantidad }: Reserva): string {
  return `${_id.toHexString()} ${evento} ${email} ${cantidad}`
}

/** Every reservation was active once; its state now is the other one that it had. */
function mailsOf({ _id, evento, email, cantidad, estado }: Reserva): string[] {
  const states = estado === 'A' ? (['A'] as const) : (['A', estado] as const)
  const Id = _id.toHexString()
  return states.map((state) =>
    describeMail({
      to: email,
      subject: `Boletia: reserva ${Id}`,
      text: `Su reserva ${Id} de ${cantidad} boletos para el evento ${evento} ${endings[state]}`,
    }),
  )
}

function describeMail({ to, subject, text }: ReceivedMail): string {
  return `${to} | ${subject} | ${text}`
}

/** Compares as multisets: what is there twice is one too many. */
function differences(what: string, due: readonly string[], found: readonly string[]): string[] {
  const missing = [...due]
  const unexpected = found.filter((one) => {
    const at = missing.indexOf(one)
    if (at >= 0) missing.splice(at, 1)
    return at < 0
  })
  return [...missing.map((one) => `missing ${what}: ${one}`), ...unexpected.map((one) => `unexpected ${what}: ${one}`)]
}
