import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** The text of a new owner of a lease, worker or operator: where to look for the process, and which of its lives. */
export function newOwner(): string {
  return `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`
}
