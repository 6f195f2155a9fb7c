import { randomBytes } from 'node:crypto'
import { copyFile, rm } from 'node:fs/promises'
import path from 'node:path'
import type { MongoMemoryServer } from 'mongodb-memory-server'

/** A user who may do everything, the only one that a set with logins knows at its start. */
export interface FirstUser {
  readonly name: string
  readonly password: string
  /** For mongodb-memory-server, which creates it. */
  readonly login: {
    readonly enable: true
    readonly customRootName: string
    readonly customRootPwd: string
    readonly keyfileContent: string
  }
}

export function firstUser(): FirstUser {
  const name = 'root'
  const password = randomBytes(12).toString('hex')
  const keyfileContent = randomBytes(48).toString('base64')
  return { name, password, login: { enable: true, customRootName: name, customRootPwd: password, keyfileContent } }
}

/** mongodb-memory-server keeps the members' key in a folder of its own, which would outlive a killed owner. */
export async function moveKeyFile(servers: readonly MongoMemoryServer[], folder: string): Promise<void> {
  const own = path.join(folder, 'keyfile')
  const former = new Set<string>()
  for (const { instanceInfo } of servers) {
    const options = instanceInfo?.instance.instanceOpts
    if (options?.keyfileLocation === undefined) continue
    former.add(options.keyfileLocation)
    await copyFile(options.keyfileLocation, own)
    options.keyfileLocation = own
  }
  for (const file of former) await rm(path.dirname(file), { recursive: true })
}

/** The same connection string for another user, who is known to the database `admin`. */
export function asUser(uri: string, name: string, password: string): string {
  const [, scheme, address = ''] = /^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?(.*)$/.exec(uri) ?? []
  const separator = address.includes('?') ? '&' : address.includes('/') ? '?' : '/?'
  const source = /[?&]authSource=/.test(address) ? '' : `${separator}authSource=admin`
  return `${scheme}${name}:${password}@${address}${source}`
}
