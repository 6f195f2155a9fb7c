import { exponentBias } from './typeBits.js'

/** ± coefficient × 10^exponent. */
export interface Decimal {
  readonly coefficient: bigint
  readonly exponent: number
}

/** A magnitude as doubles hold it: mantissa × 2^power, exact. */
export interface Dyadic {
  readonly mantissa: bigint
  readonly power: number
}

/** To exactly `digits` significant digits, rounded up or down; the server rounds the same way when it stores a Decimal128. */
export function toDecimal({ mantissa, power }: Dyadic, digits: number, round: 'up' | 'down'): Decimal {
  const top = power >= 0 ? mantissa << BigInt(power) : mantissa
  const bottom = power >= 0 ? 1n : 1n << BigInt(-power)
  let exponent = String(top).length - String(bottom).length - digits
  for (;;) {
    const [n, d] = exponent >= 0 ? [top, bottom * 10n ** BigInt(exponent)] : [top * 10n ** BigInt(-exponent), bottom]
    const coefficient = round === 'up' ? (n + d - 1n) / d : n / d
    if (String(coefficient).length <= digits) return { coefficient, exponent }
    exponent += 1
  }
}

export function toDouble({ mantissa, power }: Dyadic): number {
  return Number(mantissa) * 2 ** Math.max(power, -1000) * 2 ** Math.min(power + 1000, 0)
}

/** Adds to a value that fills all 34 digits what is left of the original after them. */
export function continued({ coefficient, exponent }: Decimal, continuation: bigint): Decimal {
  const missing = 34 - String(coefficient).length
  return { coefficient: coefficient * 10n ** BigInt(missing) + continuation, exponent: exponent - missing }
}

/** The same value with the exponent whose low six bits were stored; without them, with no trailing zero. */
export function withExponent({ coefficient, exponent }: Decimal, stored: number | null): Decimal {
  if (stored === null) return withoutZeros({ coefficient, exponent })
  const up = (stored - (exponent + exponentBias)) & 63
  const scale = 10n ** BigInt(up)
  if (coefficient % scale === 0n) return { coefficient: coefficient / scale, exponent: exponent + up }
  return { coefficient: coefficient * 10n ** BigInt(64 - up), exponent: exponent + up - 64 }
}

function withoutZeros(decimal: Decimal): Decimal {
  let { coefficient, exponent } = decimal
  while (coefficient !== 0n && coefficient % 10n === 0n) {
    coefficient /= 10n
    exponent += 1
  }
  return { coefficient, exponent }
}

/** As the driver prints a Decimal128: https://speleotrove.com/decimal/daconvs.html#reftostr */
export function decimalText({ coefficient, exponent }: Decimal, negative: boolean): string {
  const digits = String(coefficient)
  const sign = negative ? '-' : ''
  const adjusted = exponent + digits.length - 1
  if (exponent > 0 || adjusted < -6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits[0]}${fraction}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`
  }
  if (exponent === 0) return sign + digits
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}
