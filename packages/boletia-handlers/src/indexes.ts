import type { IndexDescription } from 'mongodb'

// Every stream ensures what it relies on, and so do the services: whoever starts first makes the same.

/** Event names are unique: it is what makes the insert repeatable. */
export const inventarioIndexes: readonly IndexDescription[] = [{ key: { nombre: 1 }, unique: true }]

/** For a customer's reservations, and for the mass cancellation of an event. */
export const reservasIndexes: readonly IndexDescription[] = [{ key: { evento: 1, email: 1 } }]
