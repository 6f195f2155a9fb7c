import { type Example, untilOver } from '@boletia/example-harness'
import { check } from './check.js'
import { customer, formerYears } from './shop.js'

export const playedIn = (readDatabase: string): Example => ({
  name: 'read-model',
  invariant: 'each version of the read model counts every order once, those from before it among them',
  streams: new URL('../dist/streams.js', import.meta.url),
  env: { READ_DATABASE: readDatabase },
  prepare: formerYears,
  work: (db, over) => untilOver(over, 3, (user, turn) => customer(db, user, turn)),
  crashes: [
    { at: 'transaction.committed', nth: 3, streams: new URL('../dist/yesterday.js', import.meta.url) },
    // Version 2 is built while version 1 and the customers go on; killed twice in the scan.
    { at: 'transaction.committing', stream: 'readModel-v2', nth: 1 },
    { at: 'transaction.committed', stream: 'readModel-v2', nth: 2 },
  ],
  check: (db) => check(db, readDatabase),
})

export const example = playedIn('read-model_read')
