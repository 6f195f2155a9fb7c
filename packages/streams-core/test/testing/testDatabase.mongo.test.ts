import { type Collection, MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { databaseUri } from '../../src/testing/databaseUri.js'
import { testDatabase } from '../../src/testing/testDatabase.js'

test('each test database has a name of its own, is the default of its URI, and is gone after disposal', async () => {
  const names: string[] = []
  for (let round = 0; round < 2; round++) {
    await using database = await testDatabase(inject('mongoUri'))
    expect(database.name).toMatch(/^boletia_test_[0-9a-f]{16}$/)
    await database.db.collection('eventos').insertOne({})
    await using own = new MongoClient(database.uri)
    expect(await own.db().collection('eventos').countDocuments()).toBe(1)
    names.push(database.name)
  }
  expect(new Set(names).size).toBe(2)
  await using client = new MongoClient(inject('mongoUri'))
  const { databases } = await client.db().admin().listDatabases({ nameOnly: true })
  expect(databases.map(({ name }) => name)).not.toEqual(expect.arrayContaining([names[0]]))
  expect(databases.map(({ name }) => name)).not.toEqual(expect.arrayContaining([names[1]]))
})

test.each([
  ['waiting for changes', (reservas: Collection) => reservas.watch([], { maxAwaitTimeMS: 50 })],
  ['between two batches', (reservas: Collection) => reservas.find({}, { batchSize: 1 })],
])('a cursor left %s fails the test, and its database is dropped all the same', async (_what, open) => {
  const database = await testDatabase(inject('mongoUri'))
  await database.db.collection('reservas').insertMany([{}, {}, {}])
  await using other = new MongoClient(databaseUri(inject('mongoUri'), database.name))
  const cursor = open(other.db().collection('reservas'))
  await cursor.tryNext()
  await expect(database[Symbol.asyncDispose]()).rejects.toThrow(`The test left a cursor open: ${database.name}.reservas.`)
  await cursor.close()
  expect(await other.db().listCollections().toArray()).toEqual([])
})
