import { StreamError } from '../streamError.js'

/** Reads a KeyString's bytes one after the other; what does not fit is TOKEN_UNUSABLE with the byte at which it was met. */
export class KeyStringReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(what: string): number {
    return this.take(1, what)[0] as number
  }

  take(length: number, what: string): Uint8Array {
    if (length > this.left) throw malformed(`it ends inside ${what}`, this.#at)
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }

  /** Big-endian; negative numbers are stored with every bit flipped so that they sort downwards. */
  uint(length: number, what: string, inverted = false): bigint {
    let value = 0n
    for (const byte of this.take(length, what)) value = (value << 8n) | BigInt(inverted ? byte ^ 0xff : byte)
    return value
  }

  /** Up to the NUL that ends it. `withNuls`: a NUL inside the text is stored as 00 FF; names cannot hold one. */
  text(what: string, withNuls: boolean): string {
    const bytes: number[] = []
    for (;;) {
      const byte = this.byte(what)
      if (byte !== 0) bytes.push(byte)
      else if (withNuls && this.#bytes[this.#at] === 0xff) {
        this.#at += 1
        bytes.push(0)
      } else return new TextDecoder().decode(Uint8Array.from(bytes))
    }
  }
}

export function malformed(what: string, at: number): StreamError<'TOKEN_UNUSABLE'> {
  return new StreamError('TOKEN_UNUSABLE', `the resume token is malformed: ${what} (byte ${at})`, { details: { at } })
}
