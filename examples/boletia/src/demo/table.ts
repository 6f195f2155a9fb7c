import type { EventRow, Report } from '../check/report.js'

/** A stream's line of the closing table. */
export interface StreamRow {
  readonly name: string
  /** By the workers' own documents at a clean end. */
  readonly handled: number
  /** Commits of its killed workers: they left no count. */
  readonly commits: number
  readonly restarts: number
}

/** The closing table, without the verdict. */
export function table({ events, reservations, mails }: Report, streams: readonly StreamRow[]): string[] {
  return [
    ...columns([
      ['event', 'capacidad', 'disponible + Σ A', ''],
      ...events.map((event) => [event.nombre, String(event.capacidad), equation(event), mark(event)]),
    ]),
    '',
    ...columns([
      ['state', 'reservations', 'mails'],
      ['A  confirmada', String(reservations.A), String(mails.A)],
      ['X  cancelada a petición suya', String(reservations.X), String(mails.X)],
      ['C  evento suspendido', String(reservations.C), String(mails.C)],
      ['   mails that came twice', '', String(mails.repeated)],
    ]),
    '',
    ...columns([
      ['stream', 'changes handled', 'restarts'],
      ...streams.map(({ name, handled, commits, restarts }) => [
        name,
        commits === 0 ? String(handled) : `${handled + commits} (${commits} by a killed worker*)`,
        String(restarts),
      ]),
    ]),
    ...(streams.some(({ commits }) => commits > 0)
      ? ['  * commits of its checkpoint, each for one change or more: a killed worker leaves no count']
      : []),
  ]
}

function equation({ estado, disponible, reserved }: EventRow): string {
  return estado === 'A' ? `${disponible ?? '?'} + ${reserved} = ${(disponible ?? 0) + reserved}` : 'cancelled'
}

function mark({ estado, capacidad, disponible, reserved }: EventRow): string {
  return estado !== 'A' ? '' : disponible !== null && disponible + reserved === capacidad ? 'ok' : 'WRONG'
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const pad = (cell: string, column: number) => {
    const space = ' '.repeat((widths[column] ?? 0) - cell.length)
    return column === 0 ? cell + space : space + cell
  }
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd())
}
