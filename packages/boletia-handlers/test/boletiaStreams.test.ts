import { expect, test } from 'vitest'
import { boletiaStreams } from '../src/index.js'

test('the four streams are named, watch and write what the domain says', () => {
  expect(
    boletiaStreams().map(({ name, watch, targets, work }) => [name, watch.collection, Object.keys(targets), work.kind]),
  ).toEqual([
    ['streamEvento', 'eventos', ['inventario'], 'project'],
    ['streamInventario', 'inventario', ['reservas'], 'project'],
    ['streamReserva', 'reservas', ['inventario'], 'project'],
    ['streamNotificacion', 'reservas', [], 'handle'],
  ])
})

test('every collection can be in another database or cluster', () => {
  const [evento, inventario, reserva, notificacion] = boletiaStreams({
    eventos: { connection: 'uno', database: 'a' },
    inventario: { connection: 'dos', database: 'b', collection: 'existencias' },
    reservas: { database: 'c' },
  })
  expect(evento?.watch).toEqual({ connection: 'uno', database: 'a', collection: 'eventos' })
  expect(evento?.targets['inventario']).toMatchObject({ connection: 'dos', database: 'b', collection: 'existencias' })
  expect(inventario?.watch).toEqual({ connection: 'dos', database: 'b', collection: 'existencias' })
  expect(inventario?.targets['reservas']).toMatchObject({ connection: null, database: 'c', collection: 'reservas' })
  expect(reserva?.targets['inventario']).toMatchObject({ connection: 'dos', database: 'b', collection: 'existencias' })
  expect(notificacion?.watch).toEqual({ connection: null, database: 'c', collection: 'reservas' })
})

test('defining the streams opens nothing and needs no mail settings', () => {
  expect(boletiaStreams({ mail: () => expect.fail('opened') })[3]).toMatchObject({ name: 'streamNotificacion', onReplay: 'skip' })
})
