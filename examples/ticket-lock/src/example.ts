import { type Example, untilOver } from '@boletia/example-harness'
import { check, enough } from './check.js'
import { customer, openShop } from './shop.js'

export const example: Example = {
  name: 'ticket-lock',
  invariant: 'a ticket is locked by one order at most, by one that is alive, and every order knows whether it has its ticket',
  streams: new URL('../dist/streams.js', import.meta.url),
  prepare: openShop,
  work: (db, over) => untilOver(over, 3, (user, turn) => customer(db, user, turn)),
  crashes: [
    { wrote: 'tickets', nth: 1 },
    { at: 'checkpoint.saving', nth: 20 },
    { wrote: 'tickets', nth: 30 },
  ],
  enough,
  check,
}
