import { type Example, untilOver } from '@boletia/example-harness'
import { check } from './check.js'
import { prepare, record } from './warehouse.js'

export const example: Example = {
  name: 'versioned-replica',
  invariant: 'every product of the replica is what its events make of it, each applied once and in the order of their versions',
  streams: new URL('../dist/streams.js', import.meta.url),
  prepare,
  work: (db, over) =>
    untilOver(over, 4, (user, turn) =>
      record(db, `product ${turn % 5}`, turn % 7 === user ? { price: 100 * user + turn } : { pieces: 1 + user }),
    ),
  crashes: [
    { at: 'bulk.effectsWritten', nth: 3 },
    { at: 'handler.done', nth: 30 },
    { at: 'bulk.effectsWritten', nth: 10 },
  ],
  check,
}
