import type { Estado } from '../documents.js'

/** What the customer reads; exact, to the letter. */
export function textOf(estado: Estado, id: string, cantidad: number, evento: string): string {
  return `Su reserva ${id} de ${cantidad} boletos para el evento ${evento} ${endings[estado]}`
}

const endings: Readonly<Record<Estado, string>> = {
  A: 'está confirmada',
  X: 'fue cancelada a petición suya',
  C: 'fue cancelada, el evento fue suspendido por los organizadores',
}

export function subjectOf(id: string): string {
  return `Boletia: reserva ${id}`
}

export function isEstado(value: unknown): value is Estado {
  return value === 'A' || value === 'C' || value === 'X'
}
