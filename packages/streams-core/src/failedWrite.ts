/** The server refused one of several writes; `index` is its place among those that were given, `cause` the server's error. */
export class FailedWrite extends Error {
  override readonly name = 'FailedWrite'
  readonly index: number

  constructor(index: number, cause: unknown) {
    super('a write was refused', { cause })
    this.index = index
  }
}

/** What the server said, of an error that may be one of several writes'. */
export const reasonOf = (error: unknown): unknown => (error instanceof FailedWrite ? error.cause : error)
