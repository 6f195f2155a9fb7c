import type { Write } from '../write.js'
import { refusal } from './refusal.js'

/**
 * Says that a hand-written write may be done twice (a plain `$set` of what the change says, a delete by `_id`), so that it can be used
 * where repeats happen: in `apply`, and outside transactions.
 * @throws {StreamError} INVALID_OPTIONS for a write that has a guard already.
 */
export function unguarded(write: Write): Write {
  if (write.guard !== undefined && write.guard.kind !== 'unguarded') {
    throw refusal('unguarded', write.target, `the write is guarded already (${write.guard.kind}).`)
  }
  return { ...write, guard: { kind: 'unguarded', filter: filterOf(write) } }
}

function filterOf(write: Write) {
  if ('insertOne' in write) return {}
  if ('updateOne' in write) return write.updateOne.filter
  if ('updateMany' in write) return write.updateMany.filter
  return 'replaceOne' in write ? write.replaceOne.filter : write.deleteOne.filter
}
