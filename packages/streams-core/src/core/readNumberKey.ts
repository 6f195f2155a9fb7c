import { type KeyStringReader, malformed } from './keyStringReader.js'
import type { KeyValue } from './keyStringValue.js'
import { exponentBias } from './orderedNumber.js'

/** The number of which core/orderedNumber.ts made a text: a double where that is near enough, a long where only that is exact. */
export function readNumberKey(reader: KeyStringReader): KeyValue {
  const kind = reader.byte('a number')
  switch (kind) {
    case 0x10:
      return { $numberDouble: 'NaN' }
    case 0x20:
      return { $numberDouble: '-Infinity' }
    case 0x30:
      return readMagnitude(reader, true)
    case 0x40:
      return 0
    case 0x50:
      return readMagnitude(reader, false)
    case 0x60:
      return { $numberDouble: 'Infinity' }
    default:
      throw malformed('its number is none', reader.at - 1)
  }
}

function readMagnitude(reader: KeyStringReader, negative: boolean): KeyValue {
  const first = Number(reader.uint(2, 'a number', negative)) - exponentBias
  let digits = ''
  for (;;) {
    const byte = Number(reader.uint(1, 'a number', negative))
    const pair = [byte >> 4, byte & 15]
    // Each digit is one higher, so that the end is lower than any.
    for (const each of pair) {
      if (each > 10) throw malformed('its number has no such digit', reader.at - 1)
      if (each > 0) digits += String(each - 1)
    }
    if (pair[1] === 0) break
  }
  const sign = negative ? '-' : ''
  const near = Number(`${sign}0.${digits}e${first}`)
  if (Number.isSafeInteger(near) || digits.length > first) {
    // Below the least double, or above the greatest, only Decimal128 goes.
    return near === 0 ? { $numberDecimal: `${sign}${digits}E${first - digits.length}` } : near
  }
  const whole = first <= 19 ? BigInt(sign + digits.padEnd(first, '0')) : 0n
  if (whole !== 0n && BigInt.asIntN(64, whole) === whole) return { $numberLong: String(whole) }
  return Number.isFinite(near) ? near : { $numberDecimal: `${sign}${digits}E${first - digits.length}` }
}
