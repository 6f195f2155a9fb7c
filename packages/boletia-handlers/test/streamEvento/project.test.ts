import { changeBuilder } from '@boletia/streams-core/testing'
import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { Evento } from '../../src/index.js'
import { project } from '../../src/streamEvento/project.js'

const evento: Evento = { _id: new ObjectId(), nombre: 'Concierto', capacidad: 30, categoria: 'música', estado: 'A' }
const change = changeBuilder<Evento>({ collection: 'eventos' })

test('a new event becomes its inventory: the same document with disponible for capacidad, inserted once by nombre', () => {
  const document = { _id: evento._id, nombre: 'Concierto', categoria: 'música', estado: 'A', disponible: 30 }
  expect(project(change.insert(evento))).toEqual([
    {
      target: 'inventario',
      updateOne: { filter: { nombre: 'Concierto' }, update: { $setOnInsert: document }, upsert: true },
      guard: { kind: 'insertOnce', filter: { nombre: 'Concierto' } },
    },
  ])
})

test('a cancelled event closes its active inventory', () => {
  expect(project(change.update(evento, { estado: 'C' }))).toMatchObject([
    {
      target: 'inventario',
      updateOne: { filter: { $and: [{ nombre: 'Concierto' }, { estado: 'A' }] }, update: { $set: { estado: 'C' } } },
    },
  ])
})

test('a cancelled event that is gone by now is found by its _id', () => {
  expect(project(change.update(evento, { estado: 'C' }, { fullDocument: null }))).toMatchObject([
    { updateOne: { filter: { $and: [{ _id: evento._id }, { estado: 'A' }] } } },
  ])
})

test('other updates are ignored, also when the event is cancelled by now', () => {
  expect(project(change.update({ ...evento, estado: 'C' }, { categoria: 'teatro' }))).toEqual([])
  expect(project(change.update(evento, {}))).toEqual([])
  expect(project(change.delete(evento))).toEqual([])
})

test('an event without capacidad is an error that names it', () => {
  const { capacidad: _, ...without } = evento
  expect(() => project(change.insert(without as Evento))).toThrow(/document\.disponible is undefined/)
})
