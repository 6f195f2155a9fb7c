import { KeyStringReader, malformed } from './keyStringReader.js'
import { type KeyValue, readValue } from './keyStringValue.js'
import { TypeBits } from './typeBits.js'

export interface Field {
  readonly value: KeyValue
  readonly at: number
}

const endOfKey = 4

/** The fields of a token's hex up to its end mark; `reader` stands behind that. @throws {StreamError} TOKEN_UNUSABLE */
export function readFields(token: string, typeBits?: Uint8Array): { readonly fields: Field[]; readonly reader: KeyStringReader } {
  const reader = new KeyStringReader(hexBytes(token))
  const bits = new TypeBits(typeBits)
  const fields: Field[] = []
  for (;;) {
    const at = reader.at
    const ctype = reader.byte('its fields: it was cut off')
    if (ctype === endOfKey) return { fields, reader }
    fields.push({ value: readValue(ctype, reader, bits), at })
  }
}

function hexBytes(token: string): Uint8Array {
  const wrong = /[^0-9a-f]/i.exec(token)
  if (wrong !== null) throw malformed('a token has only the digits 0-9 and A-F', Math.floor(wrong.index / 2))
  if (token.length === 0) throw malformed('it is empty', 0)
  if (token.length % 2 !== 0) throw malformed('it has an odd number of digits: it was cut off', (token.length - 1) / 2)
  return Buffer.from(token, 'hex')
}
