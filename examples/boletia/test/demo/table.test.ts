import { expect, test } from 'vitest'
import type { Report } from '../../src/check/report.js'
import { table } from '../../src/demo/table.js'

const report: Report = {
  pass: false,
  faults: ['…'],
  events: [
    { nombre: 'Concierto', estado: 'A', capacidad: 30, disponible: 28, reserved: 2 },
    { nombre: 'Ópera', estado: 'A', capacidad: 100, disponible: 60, reserved: 41 },
    { nombre: 'Danza', estado: 'C', capacidad: 5, disponible: 1, reserved: 0 },
    { nombre: 'Circo', estado: 'A', capacidad: 5, disponible: null, reserved: 0 },
  ],
  reservations: { A: 3, C: 1, X: 2 },
  mails: { A: 6, C: 1, X: 2, repeated: 1 },
}

test('the table shows the equation per event, states, mails and streams in columns, and marks a wrong equation', () => {
  const rows = [
    { name: 'streamReserva', handled: 7, commits: 5, restarts: 1 },
    { name: 'streamEvento', handled: 3, commits: 0, restarts: 0 },
  ]
  expect(table(report, rows).join('\n')).toBe(`\
  event      capacidad  disponible + Σ A
  Concierto         30       28 + 2 = 30     ok
  Ópera            100     60 + 41 = 101  WRONG
  Danza              5         cancelled
  Circo              5         ? + 0 = 0  WRONG

  state                         reservations  mails
  A  confirmada                            3      6
  X  cancelada a petición suya             2      2
  C  evento suspendido                     1      1
     mails that came twice                        1

  stream                    changes handled  restarts
  streamReserva  12 (5 by a killed worker*)         1
  streamEvento                            3         0
  * commits of its checkpoint, each for one change or more: a killed worker leaves no count`)
})

test('without a kill there is no footnote', () => {
  expect(table(report, [{ name: 'streamEvento', handled: 3, commits: 0, restarts: 0 }]).at(-1)).toBe(
    '  streamEvento                3         0',
  )
})
