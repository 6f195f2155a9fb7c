// -Infinity < negative < 0 < positive < Infinity, and NaN before all of them.
const kinds = { nan: '10', lowest: '20', negative: '30', zero: '40', positive: '50', highest: '60' } as const

// Of the first digit: Decimal128 has 10^-6176 to 10^6144, a double 10^-324 to 10^308.
export const exponentBias = 20_000

/** A hexadecimal text that compares as the number does; a text as Decimal128 writes it, so that every type of BSON has the same one for equal numbers. */
export function numberKey(value: number | bigint | string): string {
  const { negative, digits, exponent } = typeof value === 'number' ? ofDouble(value) : ofText(value.toString())
  if (digits === 'NaN') return kinds.nan
  if (digits === 'Infinity') return negative ? kinds.lowest : kinds.highest
  const significant = digits.replace(/^0+/, '')
  if (significant === '') return kinds.zero
  const first = exponent + significant.length + exponentBias
  // Each digit one higher, so that the end is lower than any.
  const shifted = significant
    .replace(/0+$/, '')
    .split('')
    .map((digit) => (Number(digit) + 1).toString(16))
    .join('')
  const magnitude = `${first.toString(16).padStart(4, '0')}${shifted}${shifted.length % 2 === 0 ? '00' : '0'}`
  if (!negative) return kinds.positive + magnitude
  return (
    kinds.negative +
    magnitude
      .split('')
      .map((digit) => (15 - Number.parseInt(digit, 16)).toString(16))
      .join('')
  )
}

interface Parsed {
  readonly negative: boolean
  /** `digits` × 10^`exponent`, or a name. */
  readonly digits: string
  readonly exponent: number
}

function ofText(text: string): Parsed {
  const found = /^(-?)(?:(\d*)\.?(\d*)(?:E([+-]?\d+))?|(NaN|Infinity))$/i.exec(text)
  const [, sign, whole = '', fraction = '', exponent = '0', name] = found ?? []
  return { negative: sign === '-', digits: name ?? whole + fraction, exponent: Number(exponent) - fraction.length }
}

/** Exactly: the shortest text of 0.1 is another number. */
function ofDouble(value: number): Parsed {
  if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return ofText(value.toString())
  if (!Number.isFinite(value)) return ofText(String(value))
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const high = bits.getUint32(0)
  const raw = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xf_ffff) << 32n) | BigInt(bits.getUint32(4))
  const mantissa = raw === 0 ? fraction : fraction | (1n << 52n)
  const power = Math.max(raw, 1) - 1075
  const negative = value < 0
  if (power >= 0) return { negative, digits: (mantissa << BigInt(power)).toString(), exponent: 0 }
  return { negative, digits: (mantissa * 5n ** BigInt(-power)).toString(), exponent: power }
}
