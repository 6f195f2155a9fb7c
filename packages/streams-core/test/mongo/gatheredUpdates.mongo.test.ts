import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { gatheredUpdates } from '../../src/mongo/gatheredUpdates.js'
import { durableCollection } from '../../src/mongo/places.js'
import { testDatabase } from '../../src/testing/index.js'

interface Row {
  readonly _id: string
  readonly rev: number
}

async function rows(count: number) {
  const place = await testDatabase(inject('mongoUri'))
  const client = await new MongoClient(place.uri, { monitorCommands: true }).connect()
  const collection = durableCollection<Row>(client, place.name, 'rows')
  const ids = Array.from({ length: count }, (_, i) => `s${i}`)
  await collection.insertMany(ids.map((_id) => ({ _id, rev: 0 })))
  const commands: CommandStartedEvent[] = []
  client.on('commandStarted', (event) => event.commandName === 'update' && commands.push(event))
  const raise = (_id: string, rev = 0) => gatheredUpdates(client, collection).matches({ _id, rev }, { $inc: { rev: 1 } })
  return {
    place,
    client,
    collection,
    ids,
    commands,
    raise,
    async [Symbol.asyncDispose]() {
      await client.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

test('updates that are asked for at the same time are one command, durable on a majority; one by itself is as before', async () => {
  await using at = await rows(64)
  expect(await Promise.all(at.ids.map((id) => at.raise(id)))).toEqual(at.ids.map(() => true))
  expect(at.commands).toHaveLength(1)
  expect(at.commands[0]!.command['writeConcern']).toMatchObject({ w: 'majority', j: true })
  expect(await at.raise('s0', 1)).toBe(true)
  expect(at.commands).toHaveLength(2)
})

test('when one no longer matches each is asked again alone: none is done twice, and who was done finds nothing any more', async () => {
  await using at = await rows(4)
  await at.collection.updateOne({ _id: 's2' }, { $inc: { rev: 1 } })
  at.commands.length = 0
  const told = await Promise.all(at.ids.map((id) => at.raise(id)))
  // A bulk that does not add up is asked again one by one: what it did matches no more, which the caller tells from its own rev.
  expect(told).toEqual([false, false, false, false])
  expect((await at.collection.find().toArray()).map(({ rev }) => rev)).toEqual([1, 1, 1, 1])
})

test('a document that somebody locks holds up only its own update', async () => {
  await using at = await rows(3)
  const session = at.client.startSession()
  session.startTransaction()
  await at.collection.updateOne({ _id: 's1' }, { $set: { rev: 0, locked: true } as never }, { session })
  const [first, locked, last] = ['s0', 's1', 's2'].map((id) => at.raise(id))
  await Promise.all([first, last])
  expect((await at.collection.find({ rev: 1 }).toArray()).map(({ _id }) => _id)).toEqual(['s0', 's2'])
  await session.abortTransaction()
  await session.endSession()
  expect(await locked).toBe(true)
})
