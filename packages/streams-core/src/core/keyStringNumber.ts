import { type Decimal, type Dyadic, continued, decimalText, toDecimal, toDouble, withExponent } from './decimalText.js'
import { type KeyStringReader, malformed } from './keyStringReader.js'
import { type NumberType, type TypeBits, exponentBias } from './typeBits.js'

/** A number in relaxed Extended JSON: plain where JavaScript holds it exactly, wrapped where it does not. */
export type KeyNumber =
  | number
  | { readonly $numberLong: string }
  | { readonly $numberDouble: string }
  | { readonly $numberDecimal: string }

// The first byte of a number sorts by sign and size: NaN, below −2^63, −8 to −1 bytes, (−1, 0), 0, (0, 1), 1 to 8 bytes, from 2^63 on.
const nan = 30
const largeNegative = 31
const smallNegative = 40
const zero = 41
const smallPositive = 42
const largePositive = 51

export const isNumberType = (ctype: number): boolean => ctype >= nan && ctype <= largePositive

/** The layout is KeyString V1 of src/mongo/db/storage/key_string.cpp (r6.0.5). */
export function readNumber(ctype: number, reader: KeyStringReader, bits: TypeBits): KeyNumber {
  if (ctype === zero) return readZero(bits)
  const type = bits.numberType()
  if (ctype === nan) return type === 'decimal' ? { $numberDecimal: 'NaN' } : { $numberDouble: 'NaN' }
  const negative = ctype < zero
  const value =
    ctype === largeNegative || ctype === largePositive
      ? readLarge(reader, negative)
      : ctype === smallNegative || ctype === smallPositive
        ? readSmall(reader, negative)
        : readMiddle(negative ? smallNegative - ctype : ctype - smallPositive, reader, negative)
  if (value === 'infinity') return infinity(type, negative)
  return number(value, type, negative, bits)
}

/** What was stored: an exact binary value, or, where no double equals the number, a decimal. */
type Magnitude = { readonly binary: Dyadic } | { readonly decimal: Decimal }

function number(value: Magnitude, type: NumberType | null, negative: boolean, bits: TypeBits): KeyNumber {
  if ('decimal' in value || type === 'decimal') {
    const decimal = 'decimal' in value ? value.decimal : exact(value.binary)
    return { $numberDecimal: decimalText(withExponent(decimal, bits.decimalExponent()), negative) }
  }
  const { mantissa, power } = value.binary
  if (power >= 0 && type !== 'double') {
    const integer = (mantissa << BigInt(power)) * (negative ? -1n : 1n)
    const fits = integer >= -(1n << 63n) && integer < 1n << 63n
    if (fits) return Number.isSafeInteger(Number(integer)) ? Number(integer) : { $numberLong: String(integer) }
  }
  return negative ? -toDouble(value.binary) : toDouble(value.binary)
}

function readZero(bits: TypeBits): KeyNumber {
  const { type, negative, exponent } = bits.zero()
  if (type === 'decimal') return { $numberDecimal: decimalText({ coefficient: 0n, exponent }, negative) }
  return negative ? { $numberDouble: '-0.0' } : 0
}

function infinity(type: NumberType | null, negative: boolean): KeyNumber {
  const text = negative ? '-Infinity' : 'Infinity'
  return type === 'decimal' ? { $numberDecimal: text } : { $numberDouble: text }
}

/** [1, 2^63): `length` bytes hold twice the integer, plus one when a fraction fills up to eight bytes. */
function readMiddle(length: number, reader: KeyStringReader, negative: boolean): Magnitude {
  const doubled = reader.uint(length, 'a number', negative)
  const integer = doubled >> 1n
  if ((doubled & 1n) === 0n) return { binary: { mantissa: integer, power: 0 } }
  const fractionBytes = 8 - length
  const all = (integer << BigInt(8 * fractionBytes)) | reader.uint(fractionBytes, 'a fraction', negative)
  const binary = { mantissa: all & ~3n, power: -8 * fractionBytes }
  if (fractionBytes > 0 && !continues(all)) return rounded(binary, all)
  const start = integer > 1n << 53n ? { coefficient: integer, exponent: 0 } : toDecimal(binary, 34, 'up')
  return { decimal: continued(start, reader.uint(8, 'a fraction', negative)) }
}

// The two lowest bits say how the original relates to the double before them: 0 equal, 2 equal to it rounded up to 15 digits, 1 and 3 more follows.
const continues = (encoded: bigint): boolean => (encoded & 1n) === 1n

function rounded(binary: Dyadic, encoded: bigint): Magnitude {
  return (encoded & 2n) === 0n ? { binary } : { decimal: toDecimal(binary, 15, 'up') }
}

function readLarge(reader: KeyStringReader, negative: boolean): Magnitude | 'infinity' {
  const encoded = reader.uint(8, 'a large number', negative)
  if (encoded === (1n << 64n) - 1n) return 'infinity'
  if (encoded >> 63n === 1n) return { decimal: decimal128(encoded & ~(1n << 63n), reader.uint(8, 'a large decimal', negative)) }
  const binary = doubleBits((encoded >> 1n) | (1n << 62n))
  if (!continues(encoded)) return { binary }
  return { decimal: continued(toDecimal(binary, 34, 'up'), reader.uint(8, 'a large decimal', negative)) }
}

function readSmall(reader: KeyStringReader, negative: boolean): Magnitude {
  const at = reader.at
  const encoded = reader.uint(8, 'a small number', negative)
  const range = encoded >> 62n
  if (range === 0n) return { decimal: decimal128(encoded, reader.uint(8, 'a small decimal', negative)) }
  if (range === 3n) {
    const binary = doubleBits(encoded >> 2n)
    if (binary.mantissa === 0n) throw malformed('a small number is 0', at)
    if (!continues(encoded)) return rounded(binary, encoded)
    return { decimal: continued(toDecimal(binary, 34, 'up'), reader.uint(8, 'a small decimal', negative)) }
  }
  // Below 2^−255 the double is stored 2^256 times as large, out of the subnormal range.
  const scaled = doubleBits((encoded - (1n << 62n)) >> 1n)
  const binary = { mantissa: scaled.mantissa, power: scaled.power - 256 }
  if (!continues(encoded)) return { binary }
  const start = toDouble(binary) < 2 ** -1022 ? downshifted(scaled) : toDecimal(binary, 34, 'up')
  return { decimal: continued(start, reader.uint(8, 'a small decimal', negative)) }
}

/** Subnormal decimals were scaled in the decimal domain, rounded down at each step: the same steps give the same digits. */
function downshifted(scaled: Dyadic): Decimal {
  const a = toDecimal(scaled, 34, 'down')
  const b = toDecimal({ mantissa: 1n, power: -256 }, 34, 'down')
  const product = a.coefficient * b.coefficient
  const excess = String(product).length - 34
  return { coefficient: product / 10n ** BigInt(excess), exponent: a.exponent + b.exponent + excess }
}

function exact({ mantissa, power }: Dyadic): Decimal {
  if (power >= 0) return { coefficient: mantissa << BigInt(power), exponent: 0 }
  return { coefficient: mantissa * 5n ** BigInt(-power), exponent: power }
}

function doubleBits(bits: bigint): Dyadic {
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & ((1n << 52n) - 1n)
  return exponent === 0 ? { mantissa: fraction, power: -1074 } : { mantissa: fraction | (1n << 52n), power: exponent - 1075 }
}

function decimal128(high: bigint, low: bigint): Decimal {
  return { coefficient: ((high & ((1n << 49n) - 1n)) << 64n) | low, exponent: Number((high >> 49n) & 0x3fffn) - exponentBias }
}
