import type { Found } from './read.js'
import type { EventRow } from './report.js'

/** The equation of every active event, `disponible + Σ A = capacidad`, and what must hold of a cancelled one. */
export function judgeTickets({ eventos, inventario, reservas }: Found): {
  readonly rows: readonly EventRow[]
  readonly faults: readonly string[]
} {
  const faults: string[] = []
  const rows = eventos.map(({ _id, nombre, capacidad, estado }): EventRow => {
    const own = inventario.filter((one) => one.nombre === nombre)
    const left = own[0]
    const active = reservas.filter((reserva) => reserva.evento === nombre && reserva.estado === 'A')
    const reserved = active.reduce((sum, { cantidad }) => sum + cantidad, 0)
    const row = { nombre, estado, capacidad, disponible: left?.disponible ?? null, reserved }

    if (left === undefined || own.length > 1 || !left._id.equals(_id)) {
      faults.push(`${nombre}: ${own.length} inventory documents; one, with the event's _id, is due`)
      return row
    }
    if (left.estado !== estado) faults.push(`${nombre}: the event is ${estado}, its inventory ${left.estado}`)
    if (estado === 'A') {
      if (left.disponible + reserved !== capacidad) {
        faults.push(
          `${nombre}: disponible ${left.disponible} + ${reserved} reserved = ${left.disponible + reserved}, not ${capacidad}`,
        )
      }
      if (left.disponible < 0) faults.push(`${nombre}: sold ${-left.disponible} more than there are`)
    } else if (estado === 'C') {
      for (const { _id: id } of active) faults.push(`${nombre} is cancelled, its reservation ${id.toHexString()} is still A`)
    } else {
      faults.push(`${nombre}: an event is A or C, not ${JSON.stringify(estado)}`)
    }
    return row
  })
  for (const { nombre } of inventario) {
    if (!eventos.some((evento) => evento.nombre === nombre)) faults.push(`${nombre}: an inventory without its event`)
  }
  return { rows, faults }
}
