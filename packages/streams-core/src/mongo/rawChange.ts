import { BSON } from 'mongodb'
import type { Change } from '../change.js'
import type { Position } from '../core/position.js'
import { ownTokenTime } from '../core/tokenTime.js'
import type { Delivered } from '../ports.js'
import type { Decode } from './changeDecoder.js'
import { ownPosition } from './resumeToken.js'

/** A change as its bytes: decoded when it is first looked at, after which the batch that it came in can be forgotten. */
export class RawChange implements Delivered {
  readonly bytes: number
  readonly #decode: Decode
  #raw: Uint8Array | null
  #change: Change | null = null
  /** Once the change is decoded: whoever is given the change could write to it. */
  #token: string | null = null
  #position: Position | null = null

  constructor(raw: Uint8Array, decode: Decode) {
    this.bytes = raw.length
    this.#raw = raw
    this.#decode = decode
  }

  get change(): Change {
    if (this.#change === null) {
      const change = this.#decode(this.#raw!)
      const { _data, _typeBits } = (change._id ?? {}) as { readonly _data?: unknown; readonly _typeBits?: unknown }
      if (typeof _data === 'string' && _typeBits === undefined) this.#token ??= _data
      // Before the bytes are given away.
      else void this.position
      this.#change = change
      this.#raw = null
    }
    return this.#change
  }

  get position(): Position {
    return (this.#position ??= this.#token === null ? positionIn(this.#raw!) : ownPosition({ _data: this.#token }))
  }
}

// A change begins with its size (4 bytes), the type and name of `_id`, the size of that (4), the type and name of `_data`, its length (4).
const idSizeAt = 9
const lengthAt = 20
const textAt = 24

function positionIn(raw: Uint8Array): Position {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  if (beginsWithData(bytes)) {
    const end = textAt + bytes.readInt32LE(lengthAt) - 1
    // Nothing but `_data` and the end of the document: type bits are rare.
    if (idSizeAt + bytes.readInt32LE(idSizeAt) === end + 2) {
      const token = bytes.toString('latin1', textAt, end)
      return { token, clusterTime: ownTokenTime(token), by: 'own' }
    }
  }
  return ownPosition(BSON.deserialize(bytes)['_id'])
}

/** A pipeline may have put other fields first. Numbers, because this is asked for each change: `\x03`, `_id\0`, `\x02`, `_dat`, `a\0`. */
function beginsWithData(bytes: Buffer): boolean {
  return (
    bytes.length > textAt &&
    bytes[4] === 3 &&
    bytes.readUInt32LE(5) === 0x00_64_69_5f &&
    bytes[13] === 2 &&
    bytes.readUInt32LE(14) === 0x74_61_64_5f &&
    bytes.readUInt16LE(18) === 0x00_61
  )
}
