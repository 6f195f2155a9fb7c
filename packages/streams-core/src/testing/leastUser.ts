import { randomBytes } from 'node:crypto'
import type { MongoClient } from 'mongodb'
import { everyAction, oplogPrivilege } from '../admin/doctor/role.js'
import { asUser } from './logins.js'

export interface LeastUser {
  uriOf(uri: string): string
}

/**
 * A user called as the database who may do there what `doctor --role` grants on some collection or other, and nothing anywhere else but
 * what that role grants there. Null where `owner` is not logged in, or may not create users.
 */
export async function createLeastUser(owner: MongoClient, database: string): Promise<LeastUser | null> {
  const admin = owner.db('admin')
  const { authInfo } = await admin.command({ connectionStatus: 1 })
  if (!(authInfo.authenticatedUserRoles as { role: string }[]).some(({ role }) => role === 'root')) return null
  const privileges = [onAll(database), oplogPrivilege]
  await admin.command({ createRole: database, privileges, roles: [] })
  const password = randomBytes(12).toString('hex')
  await admin.command({ createUser: database, pwd: password, roles: [database], mechanisms: ['SCRAM-SHA-256'] })
  return { uriOf: (uri) => asUser(uri, database, password) }
}

/** @param wider another database, or `*` */
export async function widenLeastUser(owner: MongoClient, database: string, wider: string): Promise<void> {
  const privileges = [onAll(wider === '*' ? '' : wider)]
  await owner.db('admin').command({ grantPrivilegesToRole: database, privileges })
}

const onAll = (db: string) => ({ resource: { db, collection: '' }, actions: everyAction })

export async function dropLeastUser(owner: MongoClient, database: string): Promise<void> {
  await owner.db('admin').command({ dropUser: database })
  await owner.db('admin').command({ dropRole: database })
}
