import type { ClientSession } from 'mongodb'
import { keeps } from './keeps.js'
import { describe, inject } from 'vitest'
import { defineStream, sharedReaders } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { mongoDeadLetterStore } from '../../src/mongo/deadLetterStore.js'
import { letterDesk } from '../../src/mongo/letterDesk.js'
import { resolvePlaces } from '../../src/mongo/places.js'
import { sharedSource } from '../../src/mongo/sharedSource.js'
import { mongoTargetStore } from '../../src/mongo/targetStore.js'
import {
  testDatabase,
  changeSourceContract,
  checkpointStoreContract,
  deadLetterStoreContract,
  leaseStoreContract,
  targetStoreContract,
} from '../../src/testing/index.js'
import { ownState } from '../mongo/ownState.js'

describe('the checkpoint store in MongoDB', () => {
  keeps(
    checkpointStoreContract(async () => {
      const place = await testDatabase(inject('mongoUri'))
      const state = ownState(place)
      const effects = await place.db.createCollection<{ value: number }>('effects')
      return {
        store: state.store,
        leases: state.leases,
        leaveOlder: async (name, token) =>
          void (await place.db.collection('stream').updateOne({ stream: name }, { $set: { token } }, { upsert: true })),
        effect: async (session, value) => void (await effects.insertOne({ value }, { session: session as ClientSession })),
        effects: async () => (await effects.find().toArray()).map(({ value }) => value),
        async [Symbol.asyncDispose]() {
          await state[Symbol.asyncDispose]()
          await place[Symbol.asyncDispose]()
        },
      }
    }),
  )
})

describe('the dead letters in MongoDB', () => {
  keeps(
    deadLetterStoreContract(async () => {
      const place = await testDatabase(inject('mongoUri'))
      const state = { client: place.client, database: place.name, collection: 'stream' }
      return {
        letters: mongoDeadLetterStore(state),
        mark: async (stream, key) => void (await letterDesk(state).mark(stream, [key], 'ana', null)),
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      }
    }),
  )
})

describe('the leases in MongoDB', () => {
  keeps(
    leaseStoreContract(async () => {
      const place = await testDatabase(inject('mongoUri'))
      const state = ownState(place)
      return {
        leases: state.leases,
        // The server's own time has to pass.
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        async [Symbol.asyncDispose]() {
          await state[Symbol.asyncDispose]()
          await place[Symbol.asyncDispose]()
        },
      }
    }),
  )
})

describe.each(['own', 'driver', 'shared'] as const)('the change source with the reader %s', (reader) => {
  keeps(
    changeSourceContract(async () => {
      const place = await testDatabase(inject('mongoUri'))
      const watched = place.db.collection<{ _id: string }>('watched')
      const namespace = { client: place.client, database: place.name, collection: 'watched' }
      const stream = defineStream({ name: 's', pipeline: [{ $match: { nothing: { $exists: false } } }], handle: () => undefined })
      const alone = mongoChangeSource(stream, namespace, { reader: reader === 'driver' ? 'driver' : 'own' })
      const readers = sharedReaders()
      // With one stream there would be nothing to share.
      sharedSource(stream, namespace, alone, readers)
      const source = reader === 'shared' ? sharedSource(stream, namespace, alone, readers) : alone
      return {
        source,
        insert: async (id) => void (await watched.insertOne({ _id: id }, { writeConcern: { w: 'majority' } })),
        drop: async () => void (await place.admin.collection('watched').drop()),
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      }
    }),
  )
})

describe('the targets in MongoDB', () => {
  keeps(
    targetStoreContract(async () => {
      const place = await testDatabase(inject('mongoUri'))
      const { targets } = defineStream({
        name: 's',
        targets: { things: { collection: 'things', indexes: [{ key: { n: 1 } }] } },
        project: () => [],
      })
      return {
        targets: mongoTargetStore({ name: 's', targets }, resolvePlaces({ client: place.client })),
        written: async () => (await place.db.collection('things').find().sort({ $natural: 1 }).toArray()).map(({ _id }) => _id),
        [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
      }
    }),
  )
})
