import type { Document, ObjectId } from 'mongodb'
import { isLeftOut } from './oversize.js'

/** Whether a change matches; null: only the server can tell, because there is an array (or another trap) on the way. */
export type Match = (change: Document) => boolean | null

/** What a pipeline without conditions is. */
export const everything: Match = () => true

/**
 * A pipeline as a function, when it does nothing but `$match` by equality to strings, booleans and ObjectIds, `$in` of those, `$exists`,
 * `$and` and `$or`: what can be evaluated here exactly as the server would. Null for anything else.
 */
export function clientMatch(pipeline: readonly Document[]): Match | null {
  return all(pipeline.map((stage) => (only(stage, '$match') && isQuery(stage['$match']) ? query(stage['$match']) : null)))
}

function query(conditions: Document): Match | null {
  return all(
    Object.entries(conditions).map(([name, value]) => {
      if (name === '$and') return all(branches(value))
      if (name === '$or') return any(branches(value))
      return isPath(name) ? field(name.split('.'), value) : null
    }),
  )
}

function branches(value: unknown): (Match | null)[] {
  // The server refuses an empty list.
  if (!Array.isArray(value) || value.length === 0) return [null]
  return value.map((each: unknown) => (isQuery(each) ? query(each) : null))
}

function field(path: readonly string[], condition: unknown): Match | null {
  if (isLiteral(condition)) return equalsOneOf(path, [condition])
  if (!isQuery(condition) || Object.keys(condition).length === 0) return null
  return all(
    Object.entries(condition).map(([operator, value]) => {
      if (operator === '$eq') return isLiteral(value) ? equalsOneOf(path, [value]) : null
      if (operator === '$in') return Array.isArray(value) && value.every(isLiteral) ? equalsOneOf(path, value) : null
      if (operator === '$exists' && typeof value === 'boolean') return exists(path, value)
      return null
    }),
  )
}

function equalsOneOf(path: readonly string[], values: readonly Literal[]): Match {
  const plain = new Set<unknown>(values.filter((value) => typeof value !== 'object'))
  const ids = new Set(values.filter((value) => typeof value === 'object').map((id) => id.toString()))
  return (change) => {
    const found = at(change, path)
    if (found === unsure) return null
    // An array matches through any of its elements, and for the server a symbol is a string.
    if (Array.isArray(found) || bsonType(found) === 'BSONSymbol') return null
    return isObjectId(found) ? ids.has(found.toString()) : plain.has(found)
  }
}

function exists(path: readonly string[], wanted: boolean): Match {
  return (change) => {
    const found = at(change, path)
    return found === unsure ? null : (found !== missing) === wanted
  }
}

const missing = Symbol('missing')
const unsure = Symbol('unsure')

function at(change: Document, path: readonly string[]): unknown {
  if (isLeftOut(change, path)) return unsure
  let value: unknown = change
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return missing
    // The server looks into each element of an array.
    if (Array.isArray(value)) return unsure
    if (!isPlain(value)) return bsonType(value) === 'DBRef' ? unsure : missing
    if (!Object.hasOwn(value, name)) return missing
    value = (value as Document)[name]
  }
  return value
}

/** Every one, with the server's verdict wanted only where it could change the outcome. */
function all(parts: readonly (Match | null)[]): Match | null {
  return combined(parts, false)
}

function any(parts: readonly (Match | null)[]): Match | null {
  return combined(parts, true)
}

function combined(parts: readonly (Match | null)[], decisive: boolean): Match | null {
  const known = parts.filter((part) => part !== null)
  if (known.length < parts.length) return null
  if (known.length === 0) return everything
  if (known.length === 1) return known[0]!
  return (change) => {
    let unsureOfOne = false
    for (const part of known) {
      const verdict = part(change)
      if (verdict === decisive) return decisive
      unsureOfOne ||= verdict === null
    }
    return unsureOfOne ? null : !decisive
  }
}

type Literal = string | boolean | ObjectId

const isLiteral = (value: unknown): value is Literal =>
  typeof value === 'string' || typeof value === 'boolean' || isObjectId(value)
const isObjectId = (value: unknown): value is ObjectId => bsonType(value) === 'ObjectId'
const bsonType = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && '_bsontype' in value ? value._bsontype : undefined
const isPlain = (value: object) => Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null
const isQuery = (value: unknown): value is Document => typeof value === 'object' && value !== null && isPlain(value)
const isPath = (name: string) => name.split('.').every((part) => part !== '' && !part.startsWith('$'))
const only = (stage: Document, name: string) => Object.keys(stage).length === 1 && Object.hasOwn(stage, name)
