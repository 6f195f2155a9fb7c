import { refuseLiveOlderService, findOlderPosition } from '../../mongo/olderService.js'
import { mongoLeaseStore } from '../../mongo/leaseStore.js'
import { loggedInUser } from '../../mongo/loggedInUser.js'
import { openReaders } from '../../mongo/openReaders.js'
import { type ResolvedPlaces, durableCollection } from '../../mongo/places.js'
import { watchedNamespace } from '../../mongo/watchedNamespace.js'
import type { Stream } from '../../stream.js'
import { errorNumber } from '../../core/errorClass.js'
import { isStreamError } from '../../streamError.js'
import type { Registry } from '../registry.js'
import { type Diagnosis, well } from './finding.js'
import { imagesWanted } from './role.js'

/** What one stream needs of its collections, and who else works on it. */
export async function diagnoseStream(all: Registry, stream: Stream, twins: number): Promise<readonly Diagnosis[]> {
  const checks = [
    postImages(all.places, stream),
    indexes(all.places, stream),
    ...[olderService(all, stream), twoProcesses(all.places, stream, twins), databaseUser(all.places, stream)].map(orNothing),
  ]
  return (await Promise.all(checks)).flat()
}

async function postImages(places: ResolvedPlaces, stream: Stream): Promise<readonly Diagnosis[]> {
  const { name } = stream
  const wanted = imagesWanted(stream)
  if (wanted === null) return []
  const { option, want } = wanted
  const { client, database, collection } = watchedNamespace(stream, places)
  if (collection === null || database === '*') return []
  const listed = await orUnasked(client.db(database).listCollections({ name: collection }).toArray())
  if (listed === 'may not ask')
    return [unasked('post-images', `whether ${database}.${collection} keeps them`, 'listCollections', name)]
  const [found] = listed
  const options = (found as { options?: { changeStreamPreAndPostImages?: { enabled?: boolean } } } | undefined)?.options
  if (options?.changeStreamPreAndPostImages?.enabled === true)
    return [well('post-images', `${database}.${collection} keeps them`, name)]
  const missing = found === undefined ? 'does not exist' : 'keeps no images'
  const command =
    found === undefined
      ? `db.createCollection("${collection}", {changeStreamPreAndPostImages: {enabled: true}})`
      : `db.runCommand({collMod: "${collection}", changeStreamPreAndPostImages: {enabled: true}})`
  return [
    {
      about: 'post-images',
      level: want === 'required' ? 'critical' : 'warning',
      stream: name,
      message: `${database}.${collection} ${missing}, and ${option} is ${want}: ${want === 'required' ? 'the stream stops at the first update' : 'updates come without their document'}`,
      fix: `mongosh "$MONGODB_URI" --eval 'db.getSiblingDB("${database}").${command.replace(/^db\./, '')}'`,
    },
  ]
}

/** A worker needs neither: without them only this question stays open. */
function unasked(about: Diagnosis['about'], what: string, action: string, stream: string): Diagnosis {
  return {
    about,
    level: 'warning',
    stream,
    message: `${what} may not be asked (${action})`,
    fix: 'grant what doctor --role prints, or run doctor as a user who may: boletia-streams doctor --uri <admin uri>',
  }
}

async function orUnasked<T>(asked: Promise<T[]>): Promise<T[] | 'may not ask'> {
  try {
    return await asked
  } catch (error) {
    const number = errorNumber(error)
    // There is no such collection.
    if (number === 26) return []
    if (number === 13) return 'may not ask'
    throw error
  }
}

/** What a worker needs and may not is among the privileges, with its grant. Ended here, that would not be told. */
async function orNothing(asked: Promise<readonly Diagnosis[]>): Promise<readonly Diagnosis[]> {
  try {
    return await asked
  } catch (error) {
    if (errorNumber(error) === 13 || isStreamError(error, 'UNAUTHORISED')) return []
    throw error
  }
}

async function indexes(places: ResolvedPlaces, stream: Stream): Promise<readonly Diagnosis[]> {
  const found = await Promise.all(
    Object.values(stream.targets).flatMap(({ connection, database, collection, indexes: wanted }) =>
      wanted.map(async (index): Promise<Diagnosis> => {
        const db = places.database(connection, database)
        const existing = await orUnasked(places.client(connection).db(db).collection(collection).indexes())
        if (existing === 'may not ask')
          return unasked('indexes', `the indexes of ${db}.${collection}`, 'listIndexes', stream.name)
        const key = JSON.stringify(index.key instanceof Map ? Object.fromEntries(index.key) : index.key)
        const has = existing.some((one) => JSON.stringify(one.key) === key && (index.unique !== true || one.unique === true))
        if (has) return well('indexes', `${db}.${collection} has ${key}`, stream.name)
        const options = index.unique === true ? ', {unique: true}' : ''
        return {
          about: 'indexes',
          level: 'warning',
          stream: stream.name,
          message: `${db}.${collection} lacks the index ${key}${index.unique === true ? ' (unique)' : ''}; the stream creates it at its start, which locks out nobody but may take long`,
          fix: `mongosh "$MONGODB_URI" --eval 'db.getSiblingDB("${db}").getCollection("${collection}").createIndex(${key}${options})'`,
        }
      }),
    ),
  )
  return found
}

async function olderService({ get, places }: Registry, { name }: Stream): Promise<readonly Diagnosis[]> {
  const { saved } = await get(name)
  if (saved === null) return []
  const { client, database, collection } = places.state
  try {
    refuseLiveOlderService(saved, await findOlderPosition(durableCollection(client, database, collection), name))
    return []
  } catch (error) {
    if (!isStreamError(error, 'OLDER_SERVICE_RUNNING')) throw error
    return [
      {
        about: 'older-service',
        level: 'critical',
        stream: name,
        message: 'the older Go service still moves its own position for this stream: each change is handled twice',
        fix: `stop the older service of ${name}, then start this one: boletia-streams run ${name}`,
      },
    ]
  }
}

/** Only its own user can end what a worker left open: another one's `killSessions` does nothing, and says nothing. */
async function databaseUser({ state }: ResolvedPlaces, { name }: Stream): Promise<readonly Diagnosis[]> {
  const [theirs, ours] = await Promise.all([mongoLeaseStore(state, null).formerUser(name), loggedInUser(state.client)])
  if (theirs === null || ours === null || theirs === ours) return []
  return [
    {
      about: 'database-user',
      level: 'critical',
      stream: name,
      message: `its worker logs in as ${theirs}, and this is ${ours}: what that worker leaves open when it dies cannot be ended from here; a take-over or a reset waits for it, up to a minute`,
      fix: `give all workers and operators one database user: MONGODB_URI of ${ours.split('@')[0]} or of ${theirs.split('@')[0]}, not both`,
    },
  ]
}

/** By the server's open cursors: two processes with two states know nothing of each other, so no lease keeps them apart. */
async function twoProcesses(places: ResolvedPlaces, stream: Stream, twins: number): Promise<readonly Diagnosis[]> {
  const readers = await openReaders(watchedNamespace(stream, places), stream.pipeline)
  if (readers.length <= twins) return []
  return [
    {
      about: 'two-processes',
      level: 'critical',
      stream: stream.name,
      message: `${readers.length} processes read with its pipeline (${readers.join(', ')}), where ${twins} should: one keeps its positions elsewhere`,
      fix: `stop one of them, or give both the same state.database and state.collection: boletia-streams config show`,
    },
  ]
}
