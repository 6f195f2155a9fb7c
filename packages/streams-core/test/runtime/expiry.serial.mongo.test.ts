import type { Document } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Change } from '../../src/change.js'
import { runStream } from '../../src/index.js'
import { type ReplicaSet, startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { Handled, type Step, documentOf, parking, poison } from './parkingSetting.js'

let set: ReplicaSet
// The server looks for what has expired once a minute otherwise.
beforeAll(async () => void (set = await startReplicaSet({ auth: true, setParameters: { ttlMonitorSleepSecs: 1 } })))
afterAll(async () => await set.stop())

test('ttlMs: the server deletes a dead letter whose time is over, a running worker lets go of its key, and one without a ttl stays', async () => {
  await using place = await testDatabase(set.uri)
  const { client, db } = place
  const letters = () => db.collection('stream.deadLetters').find().sort({ stream: 1 }).toArray()
  // As they were written, however soon one of them is gone.
  const written: Document[] = []
  await using feed = db.collection('stream.deadLetters').watch([{ $match: { operationType: 'insert' } }])
  await feed.tryNext()
  const handled = new Handled()
  const handle = async (change: Change<Step>) => {
    if (documentOf(change).n === 0) throw poison
    handled.add(documentOf(change))
  }
  const released: string[] = []
  const start = (options: { readonly name: string; readonly deadLetters?: { readonly ttlMs: number } }) =>
    runStream(parking({ handle, ...options }), { client, observer: { released: ({ stream }) => void released.push(stream) } })
  await using ever = start({ name: 'ever' })
  await using soon = start({ name: 'soon', deadLetters: { ttlMs: 2000 } })
  await Promise.all([ever.whenCaughtUp(), soon.whenCaughtUp()])
  await db.collection<Step>('source').insertOne({ _id: 0, key: 'a', n: 0 }, { writeConcern: { w: 'majority' } })
  while (written.length < 2) {
    const change = await feed.next()
    if (change.operationType === 'insert') written.push(change.fullDocument)
  }
  const expiring = written.find(({ stream }) => stream === 'soon')
  expect((expiring!['expiresAt'] as Date).getTime() - (expiring!['parkedAt'] as Date).getTime()).toBe(2000)

  await expect.poll(() => released).toEqual(['soon'])
  expect(await letters()).toMatchObject([{ stream: 'ever' }])
  await db.collection<Step>('source').insertOne({ _id: 1, key: 'a', n: 1 }, { writeConcern: { w: 'majority' } })
  await Promise.all([ever.whenCaughtUp(), soon.whenCaughtUp()])
  expect(handled.of.get('a')).toEqual([1])
  expect(await letters()).toMatchObject([
    { stream: 'ever', state: 'parked' },
    { stream: 'ever', state: 'held' },
  ])
}, 60_000)
