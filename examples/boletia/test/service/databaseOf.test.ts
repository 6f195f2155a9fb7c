import { expect, test } from 'vitest'
import { databaseOf } from '../../src/service/databaseOf.js'

test('takes the database that the URI names', () => {
  expect(databaseOf('mongodb://127.0.0.1:27017/tienda')).toBe('tienda')
  expect(databaseOf('mongodb://127.0.0.1:27017/test?replicaSet=rs0')).toBe('test')
  expect(databaseOf('mongodb://user:p%2Fw@a:1,b:2/tienda?w=1')).toBe('tienda')
  expect(databaseOf('mongodb+srv://user:pw@cluster.example.com/caf%C3%A9?w=1')).toBe('café')
})

test('is boletia when the URI names none, never the driver’s test', () => {
  for (const uri of [
    'mongodb://a:1',
    'mongodb://a:1/',
    'mongodb://a:1/?replicaSet=rs0',
    'mongodb://a:1?tlsCAFile=/etc/ca.pem',
    'mongodb://u:p@a:1,b:2/?x=/y',
  ]) {
    expect([uri, databaseOf(uri)]).toEqual([uri, 'boletia'])
  }
})
