import type { MongoClient } from 'mongodb'
import type { ResolvedPlaces } from '../../mongo/places.js'
import type { Stream } from '../../stream.js'
import { type Diagnosis, well } from './finding.js'
import { leastPrivileges, missingPrivileges, oplogPrivilege } from './role.js'

/** Whether the database user may do what the streams need; each missing action with the grant that mends it. */
export async function diagnosePrivileges(
  client: MongoClient,
  streams: readonly Stream[],
  places: ResolvedPlaces,
): Promise<readonly Diagnosis[]> {
  const { authInfo } = await client.db('admin').command({ connectionStatus: 1, showPrivileges: true })
  const [user] = authInfo.authenticatedUsers as readonly { user: string; db: string }[]
  if (user === undefined) return [well('privileges', 'nobody is logged in: the server asks for no user')]
  const granted = authInfo.authenticatedUserPrivileges as Parameters<typeof missingPrivileges>[1]
  const missing = missingPrivileges(leastPrivileges(streams, places, client), granted)
  const mayReadOplog = missingPrivileges([oplogPrivilege], granted).length === 0
  const hasRole = (authInfo.authenticatedUserRoles as readonly { role: string }[]).some(({ role }) => role === 'boletiaStreams')
  const grant = (privileges: typeof missing) =>
    `mongosh <admin uri> --eval 'db.getSiblingDB("admin").${
      hasRole
        ? `grantPrivilegesToRole("boletiaStreams", ${JSON.stringify(privileges)})`
        : `createRole({role: "boletiaStreams", privileges: ${JSON.stringify(privileges)}, roles: []}); db.getSiblingDB("${user.db}").grantRolesToUser("${user.user}", [{role: "boletiaStreams", db: "admin"}])`
    }'`
  const found = missing.map(({ resource: { db, collection }, actions }): Diagnosis => ({
    about: 'privileges',
    level: 'critical',
    stream: null,
    message: `the user ${user.user} may not ${actions.join(', ')} on ${db || 'every database'}.${collection || '(every collection)'}`,
    fix: grant(missing),
  }))
  if (!mayReadOplog)
    found.push({
      about: 'privileges',
      level: 'warning',
      stream: null,
      message: `the user ${user.user} may not read local.oplog.rs: headroom is not known, and nothing warns before a position is lost`,
      fix: grant([oplogPrivilege]),
    })
  return found.length === 0 ? [well('privileges', `the user ${user.user} may do what the streams need`)] : found
}
