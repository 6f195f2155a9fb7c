// Numbers that compare equal have one KeyString; which type they had is kept beside it, as a string of bits.
// The order of the bits is that of the values: https://github.com/mongodb/mongo/blob/r6.0.5/src/mongo/db/storage/key_string.h

export type NumberType = 'int' | 'long' | 'double' | 'decimal'
const numberTypes: readonly NumberType[] = ['int', 'long', 'double', 'decimal']

/** Without bits every answer is null (not known): the server leaves them out when all are 0, but so does who copies only `_data`. */
export class TypeBits {
  readonly #bytes: Uint8Array | null
  #bit = 0

  constructor(encoded: Uint8Array | undefined) {
    this.#bytes = encoded === undefined || encoded.length === 0 ? null : payload(encoded)
  }

  numberType(): NumberType | null {
    const index = this.#read(2)
    return index === null ? null : (numberTypes[index] as NumberType)
  }

  /** The low six bits of a decimal's biased exponent: they tell 1.10 from 1.1. */
  decimalExponent(): number | null {
    return this.#read(6)
  }

  /** Zero has one KeyString too; its bits also hold the sign of a double, and a decimal's sign and exponent. */
  zero(): { readonly type: NumberType | null; readonly negative: boolean; readonly exponent: number } {
    const type = this.numberType()
    if (type !== 'decimal') return { type, negative: false, exponent: 0 }
    const which = this.#read(3) ?? 0
    if (which === 0) return { type: 'double', negative: true, exponent: 0 }
    const biased = ((which - 2) << 12) | (this.#read(12) ?? 0)
    const negative = biased > maxBiasedExponent
    return { type, negative, exponent: (negative ? biased - maxBiasedExponent - 1 : biased) - exponentBias }
  }

  /** One bit for each string: 1 = the deprecated type Symbol. */
  skipString(): void {
    this.#read(1)
  }

  #read(count: number): number | null {
    if (this.#bytes === null) return null
    let value = 0
    for (let n = 0; n < count; n++, this.#bit++) {
      value = (value << 1) | (((this.#bytes[this.#bit >> 3] ?? 0) >> (this.#bit & 7)) & 1)
    }
    return value
  }
}

export const exponentBias = 6176
const maxBiasedExponent = 12287

/** One byte below 0x80 stands for itself; else the first byte says how long it is, in itself or in the next four. */
function payload(encoded: Uint8Array): Uint8Array {
  const first = encoded[0] as number
  if (first < 0x80) return encoded.subarray(0, 1)
  return first === 0x80 ? encoded.subarray(5) : encoded.subarray(1, 1 + (first & 0x7f))
}
