import { type Document, Timestamp } from 'mongodb'
import { expectedVersion, guardedInc, insertOnce, transition, unguarded, upsertProjection } from '../../../src/guards/index.js'
import type { Write, WriteModel } from '../../../src/write.js'
import type { Delivery, History, SourceChange } from './histories.js'

/** One row of the table in docs/idempotency.md: how a change becomes a write, with the guard and without, and what is right in the end. */
export interface Subject {
  readonly row: string
  readonly initial: Document | null
  write(id: string, delivery: Delivery): Write
  /** The same without a guard; null where the row itself is that. */
  naive: ((id: string, change: SourceChange) => WriteModel) | null
  /** What a reader sees of a target document; undefined: nothing. */
  seen(found: Document): unknown
  /** The same for one document when each of its changes counts once; undefined: no document. */
  right(own: readonly SourceChange[], history: History): unknown
}

const contextOf = ({ change, token }: Delivery) => ({ stream: change.stream, token, clusterTime: new Timestamp({ t: 1, i: 1 }) })
const total = (own: readonly SourceChange[]) => own.reduce((sum, { amount }) => sum + amount, 0)
const naiveInc = (id: string, { amount }: SourceChange) => ({
  updateOne: { filter: { _id: id }, update: { $inc: { n: amount } } },
})
const sums = { initial: { n: 0 }, naive: naiveInc, seen: ({ n }: Document) => n as unknown, right: total }
const state = ({ amount }: SourceChange) => (amount % 2 === 0 ? 'C' : 'X')

export const subjects: readonly Subject[] = [
  {
    row: 'guardedInc, guardedUpdate',
    ...sums,
    write: (_id, delivery) =>
      guardedInc(contextOf(delivery), { target: 't', filter: { _id }, inc: { n: delivery.change.amount } }),
  },
  {
    row: "the same with mode: 'last'",
    ...sums,
    write: (_id, delivery) =>
      guardedInc(contextOf(delivery), { target: 't', filter: { _id }, inc: { n: delivery.change.amount }, mode: 'last' }),
  },
  {
    row: 'insertOnce',
    initial: null,
    write: (nombre) => insertOnce({ target: 't', key: { nombre }, document: { nombre, n: 1 } }),
    naive: (nombre) => ({ insertOne: { document: { nombre, n: 1 } } }),
    seen: ({ n }) => n as unknown,
    right: (own) => (own.length === 0 ? undefined : 1),
  },
  {
    row: 'transition',
    initial: { estado: 'A' },
    write: (_id, { change }) => transition({ target: 't', filter: { _id }, field: 'estado', from: 'A', to: state(change) }),
    naive: (_id, change) => ({ updateOne: { filter: { _id }, update: { $set: { estado: state(change) } } } }),
    seen: ({ estado }) => estado as unknown,
    // The first one that leaves A wins.
    right: ([any], { deliveries }) =>
      any === undefined ? 'A' : state(deliveries.find(({ change }) => change.doc === any.doc)!.change),
  },
  {
    row: 'expectedVersion',
    initial: null,
    write: (_id, { change }) =>
      expectedVersion({ target: 't', key: { _id }, version: change.version, update: { $inc: { n: change.amount } } }),
    naive: (_id, { amount, version }) => ({
      updateOne: { filter: { _id }, update: { $inc: { n: amount }, $set: { version } }, upsert: true },
    }),
    seen: ({ n, version }) => ({ n, version }),
    right: (own) => (own.length === 0 ? undefined : { n: total(own), version: own.length }),
  },
  {
    row: 'upsertProjection',
    initial: null,
    write: (_id, delivery) => {
      const { n, removes } = delivery.change
      return upsertProjection(contextOf(delivery), { target: 't', key: { _id }, document: removes ? null : { n } })
    },
    naive: (_id, { n, removes }) =>
      removes ? { deleteOne: { filter: { _id } } } : { replaceOne: { filter: { _id }, replacement: { n }, upsert: true } },
    seen: ({ n, tombstone }) => (tombstone === undefined ? n : undefined),
    right: (own) => (own.at(-1)?.removes === false ? own.at(-1)!.n : undefined),
  },
  {
    row: 'unguarded $set',
    initial: { n: null },
    write: (_id, { change: { n } }) => unguarded({ target: 't', updateOne: { filter: { _id }, update: { $set: { n } } } }),
    naive: null,
    seen: ({ n }) => n as unknown,
    right: (own) => own.at(-1)?.n ?? null,
  },
  {
    // The engine and applyOnce put its entry beside this write: repeats.mongo.test.ts.
    row: 'oncePerChange',
    ...sums,
    write: (_id, { change }) => ({ target: 't', ...naiveInc(_id, change) }),
  },
]
