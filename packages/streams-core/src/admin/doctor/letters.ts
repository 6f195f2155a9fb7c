import { errorNumber } from '../../core/errorClass.js'
import type { ResolvedPlaces } from '../../mongo/places.js'
import type { Diagnosis } from './finding.js'

/** Whether changes could be put aside: what can be seen of their collection before one has to be. Nothing where all is well, or it may not be asked. */
export async function diagnoseLetters({ state }: ResolvedPlaces): Promise<readonly Diagnosis[]> {
  const { client, database } = state
  const name = `${state.collection}.deadLetters`
  const listed = await client
    .db(database)
    .listCollections({ name })
    .toArray()
    .catch((error: unknown) => {
      // Whoever may not ask hears it at the start of a stream that parks.
      if (errorNumber(error) === 13) return []
      throw error
    })
  const capped = (listed[0] as { options?: { capped?: boolean } } | undefined)?.options?.capped === true
  if (!capped) return []
  const aside = `${name}.capped`
  return [
    {
      about: 'dead-letters',
      level: 'critical',
      stream: null,
      message: `${database}.${name} is capped: it forgets letters by itself, takes none in a transaction, and no stream with onError: 'park' starts`,
      // $merge creates an ordinary one.
      fix:
        `mongosh "$MONGODB_URI" --eval 'const d = db.getSiblingDB("${database}"); d.getCollection("${name}").renameCollection("${aside}"); ` +
        `d.getCollection("${aside}").aggregate([{$merge: "${name}"}])'`,
    },
  ]
}
