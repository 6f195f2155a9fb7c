import { type Example, untilOver } from '@boletia/example-harness'
import { check, enough } from './check.js'
import { customer, openShop } from './shop.js'

export const example: Example = {
  name: 'order-choreography',
  invariant: 'no piece is lost or made up, no driver is in two places, and every order has come to an end',
  streams: new URL('../dist/streams.js', import.meta.url),
  prepare: openShop,
  work: (db, over) => untilOver(over, 3, (user, turn) => customer(db, user, turn)),
  crashes: [
    { wrote: 'products', nth: 3 },
    { at: 'transaction.committing', stream: 'productsAnswers', nth: 5 },
    { at: 'transaction.committed', stream: 'drivers', nth: 5 },
  ],
  enough,
  check,
}
