import { MongoClient, ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { streamEvento } from '../../src/index.js'
import { boletia, changesOf, running } from '../boletia.js'

// An event is cancelled, and its document is gone before the change is looked up: fullDocument is null.
// The original added `disponible` in the pipeline; $addFields turns that null into {}.

type Domain = Awaited<ReturnType<typeof boletia>>

async function cancelAndLose(domain: Domain): Promise<void> {
  await domain.cancelEvento('Concierto')
  await domain.eventos.deleteOne({ nombre: 'Concierto' })
}

const states = async ({ inventario }: Domain) =>
  Object.fromEntries((await inventario.find().toArray()).map(({ nombre, estado }) => [nombre, estado]))

test('the inventory of the event that was cancelled is closed, and no other one', async () => {
  await using domain = await boletia()
  const { database } = domain
  {
    await using streams = await running(database, [streamEvento()])
    await domain.createEvento('Ballet', 10)
    await domain.createEvento('Concierto', 30)
    await streams.quiet()
  }
  await cancelAndLose(domain)
  await using streams = await running(database, [streamEvento()])
  await streams.quiet()
  expect(await states(domain)).toEqual({ Ballet: 'A', Concierto: 'C' })
})

test('the naive version: the handler sees a document, reads its undefined nombre, and closes another event', async () => {
  await using domain = await boletia()
  const { database, eventos } = domain
  await domain.inventario.insertMany([
    { _id: new ObjectId(), nombre: 'Ballet', disponible: 10, categoria: 'danza', estado: 'A' },
    { _id: await domain.createEvento('Concierto', 30), nombre: 'Concierto', disponible: 30, categoria: 'música', estado: 'A' },
  ])
  const pipeline = [
    { $match: { operationType: { $in: ['insert', 'update'] } } },
    { $addFields: { 'fullDocument.disponible': '$fullDocument.capacidad' } },
  ]
  const [change] = await changesOf(eventos, pipeline, 1, () => cancelAndLose(domain))
  expect(change!['fullDocument']).toEqual({})

  await using naive = new MongoClient(database.uri, { ignoreUndefined: true })
  if (change!['fullDocument'] !== null) {
    await naive
      .db()
      .collection('inventario')
      .updateOne({ nombre: change!['fullDocument'].nombre, estado: 'A' }, { $set: { estado: 'C' } })
  }
  expect(await states(domain)).toEqual({ Ballet: 'C', Concierto: 'A' })
})
