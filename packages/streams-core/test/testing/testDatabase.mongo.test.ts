import { MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
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
