import { type Document, MongoClient, ObjectId } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { apply, guardedInc, guardedUpdate, insertOnce, transition, unguarded } from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import type { Write } from '../../src/write.js'

const contextOf = ({ db }: Pick<TestDatabase, 'db'>) => ({
  target: <D extends Document>(alias: string) => db.collection<D>(alias),
})
const open = () => testDatabase(inject('mongoUri'))
const inc = (token: string, filter: Document = { nombre: 'Concierto' }) =>
  guardedInc({ stream: 's', token }, { target: 'inventario', filter, inc: { disponible: 3 } })

test('a guarded increment is applied once, then a duplicate; a missing document is no target', async () => {
  await using database = await open()
  const inventario = database.db.collection('inventario')
  await inventario.insertOne({ nombre: 'Concierto', disponible: 10 })
  const context = contextOf(database)
  expect(await apply(context, inc('82A'))).toBe('applied')
  expect(await apply(context, inc('82A'))).toBe('duplicate')
  expect(await apply(context, inc('829'))).toBe('duplicate')
  expect(await apply(context, inc('82B'))).toBe('applied')
  expect(await apply(context, inc('82C', { nombre: 'Otro' }))).toBe('noTarget')
  expect(await inventario.findOne()).toMatchObject({ disponible: 16, tokens: { s: '82B' } })
})

test('a null token counts as absent, and the caller’s $or still restricts', async () => {
  await using database = await open()
  const inventario = database.db.collection('inventario')
  await inventario.insertOne({ nombre: 'Concierto', disponible: 10, tokens: { s: null } })
  const context = contextOf(database)
  expect(await apply(context, inc('82A', { $or: [{ nombre: 'Otro' }, { nombre: 'Tercero' }] }))).toBe('noTarget')
  expect(await apply(context, inc('82A', { $or: [{ nombre: 'Otro' }, { nombre: 'Concierto' }] }))).toBe('applied')
  expect(await apply(context, inc('82A', { $or: [{ nombre: 'Otro' }, { nombre: 'Concierto' }] }))).toBe('duplicate')
})

test('two streams guard one document without knowing of each other', async () => {
  await using database = await open()
  await database.db.collection('inventario').insertOne({ nombre: 'Concierto', disponible: 0 })
  const context = contextOf(database)
  const by = (stream: string, token: string) =>
    guardedInc({ stream, token }, { target: 'inventario', filter: { nombre: 'Concierto' }, inc: { disponible: 1 } })
  expect(await apply(context, by('a', '82B'))).toBe('applied')
  expect(await apply(context, by('b', '82A'))).toBe('applied')
  expect(await database.db.collection('inventario').findOne()).toMatchObject({ disponible: 2, tokens: { a: '82B', b: '82A' } })
})

test('two guarded writes of one change on one document need a field each: by one field, the second is taken for a repeat', async () => {
  await using database = await open()
  const inventario = database.db.collection('inventario')
  await inventario.insertOne({ nombre: 'Concierto', disponible: 0, vistas: 0 })
  const context = contextOf(database)
  const by = (name: string, field: string) =>
    guardedInc(
      { stream: 's', token: '82A' },
      { target: 'inventario', filter: { nombre: 'Concierto' }, inc: { [name]: 1 }, field },
    )
  expect([await apply(context, by('disponible', 'token')), await apply(context, by('vistas', 'token'))]).toEqual([
    'applied',
    'duplicate',
  ])
  expect(await apply(context, by('vistas', 'tokenVistas'))).toBe('applied')
  expect(await inventario.findOne()).toMatchObject({ disponible: 1, vistas: 1 })
})

test('an update pipeline is applied once', async () => {
  await using database = await open()
  await database.db.collection('inventario').insertOne({ nombre: 'Concierto', disponible: 1, viejo: true })
  const context = contextOf(database)
  const update = [{ $set: { disponible: { $multiply: ['$disponible', 5] } } }, { $unset: 'viejo' }]
  const write = guardedUpdate({ stream: 's', token: '82A' }, { target: 'inventario', filter: { nombre: 'Concierto' }, update })
  expect([await apply(context, write), await apply(context, write)]).toEqual(['applied', 'duplicate'])
  expect(await database.db.collection('inventario').findOne({}, { projection: { _id: 0 } })).toEqual({
    nombre: 'Concierto',
    disponible: 5,
    tokens: { s: '82A' },
  })
})

test('insertOnce inserts once and never changes what is there', async () => {
  await using database = await open()
  const inventario = database.db.collection('inventario')
  await inventario.createIndex({ nombre: 1 }, { unique: true })
  const context = contextOf(database)
  const write = insertOnce({
    target: 'inventario',
    key: { nombre: 'a' },
    document: { _id: new ObjectId(), nombre: 'a', disponible: 5 },
  })
  expect(await apply(context, write)).toBe('applied')
  await inventario.updateOne({}, { $inc: { disponible: -2 } })
  expect(await apply(context, write)).toBe('duplicate')
  expect(await inventario.find().toArray()).toMatchObject([{ nombre: 'a', disponible: 3 }])
})

test('of many concurrent insertOnce of one key one is applied and none fails', async () => {
  await using database = await open()
  // The server itself tries again only where the filter names exactly the fields of the unique index.
  await database.db.collection('inventario').createIndex({ nombre: 1 }, { unique: true })
  const context = contextOf(database)
  const key = { nombre: 'a', lugar: 'b' }
  const results = await Promise.all(
    Array.from({ length: 40 }, () =>
      apply(context, insertOnce({ target: 'inventario', key, document: { ...key, _id: new ObjectId() } })),
    ),
  )
  expect(results.filter((result) => result === 'applied')).toHaveLength(1)
  expect(results.filter((result) => result === 'duplicate')).toHaveLength(39)
})

test('insertOnce against another unique index is tried once more, then the server’s error 11000', async () => {
  await using database = await open()
  await using client = new MongoClient(database.uri, { monitorCommands: true })
  let updates = 0
  client.on('commandStarted', ({ commandName }) => void (commandName === 'update' && updates++))
  await database.db.collection('inventario').createIndex({ nombre: 1 }, { unique: true })
  const context = contextOf({ db: client.db() })
  const write = (_id: number) => insertOnce({ target: 'inventario', document: { _id, nombre: 'a' } })
  expect(await apply(context, write(1))).toBe('applied')
  await expect(apply(context, write(2))).rejects.toMatchObject({ code: 11000 })
  expect(updates).toBe(3)
})

test('a transition is applied from its state only; a mass one touches every document in that state', async () => {
  await using database = await open()
  const reservas = database.db.collection<{ _id: number; evento: string; estado: string }>('reservas')
  await reservas.insertMany([
    { _id: 1, evento: 'e', estado: 'A' },
    { _id: 2, evento: 'e', estado: 'X' },
    { _id: 3, evento: 'e', estado: 'A' },
    { _id: 4, evento: 'otro', estado: 'A' },
  ])
  const context = contextOf(database)
  const cancel = (filter: Document, many: boolean) =>
    transition({ target: 'reservas', filter, field: 'estado', from: 'A', to: 'C', many })
  expect(await apply(context, cancel({ evento: 'e' }, true))).toBe('applied')
  expect(await apply(context, cancel({ evento: 'e' }, true))).toBe('duplicate')
  expect(await apply(context, cancel({ evento: 'nadie' }, true))).toBe('noTarget')
  expect(await apply(context, cancel({ _id: 2 }, false))).toBe('duplicate')
  expect((await reservas.find().sort({ _id: 1 }).toArray()).map(({ estado }) => estado)).toEqual(['C', 'X', 'C', 'A'])
})

test('unguarded writes of every kind are done; a write without the word is refused', async () => {
  await using database = await open()
  const context = contextOf(database)
  const writes: Write[] = [
    { target: 't', insertOne: { document: { _id: 1 as never } } },
    { target: 't', updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
    { target: 't', updateMany: { filter: { _id: 1 }, update: { $set: { a: 2 } } } },
    { target: 't', replaceOne: { filter: { _id: 1 }, replacement: { b: 1 } } },
    { target: 't', deleteOne: { filter: { _id: 1 } } },
  ]
  for (const write of writes) {
    await expect(apply(context, write)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/no guard.*unguarded\(write\)/),
    })
    expect(await apply(context, unguarded(write))).toBe('applied')
  }
  expect(await apply(context, unguarded(writes[4]!))).toBe('noTarget')
})

test('a filter with undefined is refused before anything is written, also with a client that ignores undefined', async () => {
  await using database = await open()
  await using client = new MongoClient(database.uri, { ignoreUndefined: true })
  const reservas = client.db().collection('reservas')
  await reservas.insertMany([
    { evento: 'a', estado: 'A' },
    { evento: 'b', estado: 'A' },
  ])
  const evento = undefined as unknown as string
  const naive = { filter: { evento, estado: 'A' }, update: { $set: { estado: 'C' } } }
  const write = unguarded({ target: 'reservas', updateMany: naive })
  await expect(apply(contextOf({ db: client.db() }), write)).rejects.toThrow(/updateMany\.filter\.evento is undefined/)
  expect(await reservas.countDocuments({ estado: 'A' })).toBe(2)
  // The naive version: the driver alone cancels the reservations of every event.
  expect((await reservas.updateMany(naive.filter, naive.update)).modifiedCount).toBe(2)
})

test('effects are written with w: majority and j: true whatever the URI says', async () => {
  await using database = await open()
  await using client = new MongoClient(database.uri, { w: 1, journal: false, monitorCommands: true })
  const concerns: unknown[] = []
  client.on(
    'commandStarted',
    ({ commandName, command }) => void (commandName === 'update' && concerns.push(command['writeConcern'])),
  )
  expect(await apply(contextOf({ db: client.db() }), inc('82A'))).toBe('noTarget')
  expect(concerns).toEqual([{ w: 'majority', j: true }])
})

test('in a transaction the write and the look-up belong to it: an abort takes the effect back', async () => {
  await using database = await open()
  const inventario = database.db.collection('inventario')
  await inventario.insertOne({ nombre: 'Concierto', disponible: 10 })
  await using session = database.client.startSession()
  const context = { ...contextOf(database), session }
  session.startTransaction({ writeConcern: { w: 'majority' } })
  expect(await apply(context, inc('82A'))).toBe('applied')
  expect(await apply(context, inc('82A'))).toBe('duplicate')
  expect(
    await apply(context, {
      target: 'inventario',
      updateOne: { filter: { nombre: 'Concierto' }, update: { $inc: { disponible: 1 } } },
    }),
  ).toBe('applied')
  await session.abortTransaction()
  expect(await inventario.findOne()).toMatchObject({ disponible: 10 })
})
