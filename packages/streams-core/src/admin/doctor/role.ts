import type { ResolvedPlaces } from '../../mongo/places.js'
import { watchedNamespace } from '../../mongo/watchedNamespace.js'
import type { MongoClient } from 'mongodb'
import type { Stream } from '../../stream.js'

/** https://www.mongodb.com/docs/manual/reference/resource-document/ */
export interface Privilege {
  readonly resource: { readonly db: string; readonly collection: string }
  readonly actions: readonly string[]
}

const stateActions = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex']
const targetActions = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex']

/** Without these only figures are missing: headroom, and the place `earliest`. */
export const oplogPrivilege: Privilege = { resource: { db: 'local', collection: 'oplog.rs' }, actions: ['find', 'collStats'] }

/** What a worker may do on one collection or another, together. */
export const everyAction: readonly string[] = [...new Set([...stateActions, ...targetActions, 'changeStream'])]

export const figurePrivileges: readonly Privilege[] = [oplogPrivilege]

/** The least privileges of a worker of these streams, and of an operator, on one cluster. */
export function leastPrivileges(streams: readonly Stream[], places: ResolvedPlaces, client: MongoClient): readonly Privilege[] {
  const { state } = places
  const found: Privilege[] = []
  if (state.client === client)
    for (const suffix of ['', '.leases', '.history', '.deadLetters'])
      found.push({ resource: { db: state.database, collection: state.collection + suffix }, actions: stateActions })
  for (const stream of streams) {
    const { client: watched, database, collection } = watchedNamespace(stream, places)
    const db = database === '*' ? '' : database
    if (watched === client) found.push({ resource: { db, collection: collection ?? '' }, actions: ['find', 'changeStream'] })
    for (const target of Object.values(stream.targets)) {
      if (places.client(target.connection) !== client) continue
      const resource = { db: places.database(target.connection, target.database), collection: target.collection }
      found.push({ resource, actions: targetActions })
    }
  }
  return merged(found)
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
