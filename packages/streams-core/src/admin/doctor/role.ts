import type { ResolvedPlaces } from '../../mongo/places.js'
import { watchedNamespace } from '../../mongo/watchedNamespace.js'
import type { MongoClient } from 'mongodb'
import type { Stream } from '../../stream.js'

/** https://www.mongodb.com/docs/manual/reference/resource-document/ */
export interface Privilege {
  readonly resource: { readonly db: string; readonly collection: string }
  readonly actions: readonly string[]
}

/** By the suffix of the state's collection. Nothing but dead letters is ever removed; who may insert may create the collection. */
const stateActions: Readonly<Record<string, readonly string[]>> = {
  '': ['find', 'insert', 'update'],
  '.leases': ['find', 'insert', 'update'],
  '.history': ['find', 'insert', 'update', 'createIndex'],
  '.deadLetters': ['find', 'insert', 'update', 'remove', 'createIndex'],
}
// What writes and handlers can ask for there; nothing tells beforehand which of it they will.
const targetActions = ['find', 'insert', 'update', 'remove']

/** Without it headroom is not known, and the place `earliest` is not. */
export const oplogPrivilege: Privilege = { resource: { db: 'local', collection: 'oplog.rs' }, actions: ['find', 'collStats'] }

/** What a worker may do on one collection or another, together. */
export const everyAction: readonly string[] = [...new Set([...Object.values(stateActions).flat(), 'changeStream'])]

/** The least privileges of a worker of these streams, and of an operator, on one cluster. */
export function leastPrivileges(streams: readonly Stream[], places: ResolvedPlaces, client: MongoClient): readonly Privilege[] {
  const { state } = places
  const found: Privilege[] = []
  if (state.client === client)
    for (const [suffix, actions] of Object.entries(stateActions))
      found.push({ resource: { db: state.database, collection: state.collection + suffix }, actions })
  for (const stream of streams) {
    const { client: watched, database, collection } = watchedNamespace(stream, places)
    const db = database === '*' ? '' : database
    if (watched === client) found.push({ resource: { db, collection: collection ?? '' }, actions: ['find', 'changeStream'] })
    for (const target of Object.values(stream.targets)) {
      if (places.client(target.connection) !== client) continue
      const resource = { db: places.database(target.connection, target.database), collection: target.collection }
      found.push({ resource, actions: target.indexes.length > 0 ? [...targetActions, 'createIndex'] : targetActions })
    }
  }
  return merged(found)
}

/** What only answers questions: how far the oplog reaches back, and of `doctor` whether indexes and post-images are there. */
export function askingPrivileges(streams: readonly Stream[], places: ResolvedPlaces, client: MongoClient): readonly Privilege[] {
  const found = [oplogPrivilege]
  for (const stream of streams) {
    const watched = watchedNamespace(stream, places)
    if (watched.client === client && imagesWanted(stream) !== null && watched.collection !== null && watched.database !== '*')
      found.push({ resource: { db: watched.database, collection: '' }, actions: ['listCollections'] })
    for (const { connection, database, collection, indexes } of Object.values(stream.targets)) {
      if (indexes.length === 0 || places.client(connection) !== client) continue
      found.push({ resource: { db: places.database(connection, database), collection }, actions: ['listIndexes'] })
    }
  }
  return merged(found)
}

/** The option of a stream that needs the collection to keep images, the strictest one; null: none does. */
export function imagesWanted({ fullDocument, fullDocumentBeforeChange }: Stream) {
  const options = Object.entries({ fullDocument, fullDocumentBeforeChange })
  for (const want of ['required', 'whenAvailable'] as const) {
    const found = options.find(([, asked]) => asked === want)
    if (found !== undefined) return { option: found[0], want }
  }
  return null
}

function merged(privileges: readonly Privilege[]): Privilege[] {
  const byResource = new Map<string, Privilege>()
  for (const { resource, actions } of privileges) {
    const key = JSON.stringify(resource)
    const known = byResource.get(key)?.actions ?? []
    byResource.set(key, { resource, actions: [...new Set([...known, ...actions])] })
  }
  return [...byResource.values()]
}

interface Granted {
  readonly resource: { readonly db?: string; readonly collection?: string; readonly anyResource?: boolean }
  readonly actions: readonly string[]
}

/** What of `needed` is not granted. */
export function missingPrivileges(needed: readonly Privilege[], granted: readonly Granted[]): readonly Privilege[] {
  return needed.flatMap(({ resource, actions }) => {
    const covering = granted.filter(({ resource: given }) => given.anyResource === true || covers(given, resource))
    const missing = actions.filter((action) => !covering.some((given) => given.actions.includes(action)))
    return missing.length === 0 ? [] : [{ resource, actions: missing }]
  })
}

function covers(given: Granted['resource'], wanted: Privilege['resource']): boolean {
  if (given.db === undefined || given.collection === undefined) return false
  return (given.db === '' || given.db === wanted.db) && (given.collection === '' || given.collection === wanted.collection)
}
