import { expect, test } from 'vitest'
import { databaseUri } from '../../src/testing/databaseUri.js'

test.each([
  ['mongodb://a:1,b:2/?replicaSet=rs', 'mongodb://a:1,b:2/x?replicaSet=rs'],
  ['mongodb://a:1', 'mongodb://a:1/x'],
  ['mongodb+srv://cluster.example/old?w=1', 'mongodb+srv://cluster.example/x?w=1'],
  // Replacing the path must not move the user to another database.
  ['mongodb://u:p%40ss@a:1/old', 'mongodb://u:p%40ss@a:1/x?authSource=old'],
  ['mongodb://u:p@a:1/?tls=true', 'mongodb://u:p@a:1/x?tls=true&authSource=admin'],
  ['mongodb://u:p@a:1/old?authSource=other', 'mongodb://u:p@a:1/x?authSource=other'],
])('%s gets another default database and keeps the rest', (uri, expected) => {
  expect(databaseUri(uri, 'x')).toBe(expected)
})

test('something else than a connection string is refused without being repeated', () => {
  expect(() => databaseUri('postgres://u:secret@a/x', 'x')).toThrow(/^Not a MongoDB connection string/)
})
