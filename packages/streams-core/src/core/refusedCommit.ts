/**
 * The server, or the driver, refused the commit of a transaction itself; `cause` says how. What it refuses before that it also ends: this one may have landed, when an
 * earlier answer was lost, and is else still open, and locks what it wrote.
 */
export class RefusedCommit extends Error {
  override readonly name = 'RefusedCommit'

  constructor(cause: unknown) {
    super('the commit of a transaction was refused', { cause })
  }
}
