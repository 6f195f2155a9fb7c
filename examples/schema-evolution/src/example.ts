import { type Example, eventually, untilOver } from '@boletia/example-harness'
import { planLetters, redriveLetters } from '@boletia/streams-core/admin'
import type { Db } from 'mongodb'
import { check } from './check.js'
import { streams } from './streams.js'
import { write } from './writers.js'

export const example: Example = {
  name: 'schema-evolution',
  invariant:
    'every product is what its last event says, in whichever version that was written, and nothing is put aside for ever',
  streams: new URL('../dist/streams.js', import.meta.url),
  work: (db, over) => untilOver(over, 3, (writer, turn) => write(db, writer, turn)),
  crashes: [
    // The writers were deployed first: yesterday's worker puts aside what it does not understand.
    { wrote: 'stream.deadLetters', nth: 5, streams: new URL('../dist/yesterday.js', import.meta.url) },
    { at: 'transaction.committing', nth: 5 },
    { at: 'transaction.committed', nth: 10 },
  ],
  settle: redriveAll,
  check,
}

/** What `boletia-streams dead-letters redrive catalogue --execute` does, after the deploy. */
async function redriveAll(db: Db): Promise<void> {
  const admin = { client: db.client, database: db.databaseName, streams }
  const plan = await planLetters(admin, 'catalogue', {})
  if (plan.keys.length === 0) throw new Error("Yesterday's worker put nothing aside: nothing was tried.")
  await redriveLetters(admin, plan, { by: 'harness', reason: 'the new worker knows 3.0' })
  const letters = db.collection('stream.deadLetters')
  await eventually('everything was put back', async () => (await letters.countDocuments()) === 0)
}
