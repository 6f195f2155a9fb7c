import { type Example, untilOver } from '@boletia/example-harness'
import { check, enough } from './check.js'
import { customer, openShop } from './shop.js'

export const example: Example = {
  name: 'order-orchestration',
  invariant: 'a confirmed order has its pieces, its payment and its supply, once; every other one has nothing of them any more',
  streams: new URL('../dist/streams.js', import.meta.url),
  prepare: openShop,
  work: (db, over) => untilOver(over, 3, (user, turn) => customer(db, user, turn)),
  crashes: [
    { wrote: 'payments', nth: 1 },
    { at: 'transaction.committing', stream: 'reservation', nth: 3 },
    { at: 'transaction.committed', stream: 'sagaNext', nth: 5 },
  ],
  enough,
  check,
}
