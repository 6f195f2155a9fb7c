import { dataFolder, startReplicaSet } from '@boletia/streams-core/testing'
import { type Db, MongoClient } from 'mongodb'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type Api, httpApi } from './api.js'
import { Children } from './children.js'
import { portOr0 } from './ports.js'
import type { Setting } from './programs.js'
import { startServices } from './services.js'
import { type Streams, startStreams } from './streams.js'

/** All that the demo runs. Disposing ends every process and removes every file. */
export interface Stage extends Setting, AsyncDisposable {
  readonly folder: string
  /** Aborted by an interruption, and by a process that ended by itself: every waiting ends with that reason. */
  readonly signal: AbortSignal
  readonly children: Children
  readonly db: Db
  readonly urls: Readonly<Record<'eventos' | 'reservas', string>>
  readonly api: Api
  readonly streams: Streams
}

/** A MongoDB, both services and the four streams, up and waiting. A rejection leaves nothing. */
export async function openStage({
  keep,
  interrupted,
}: {
  readonly keep: boolean
  readonly interrupted: AbortSignal
}): Promise<Stage> {
  const releasers: (() => Promise<void>)[] = []
  const close = async () => {
    const failures: unknown[] = []
    // In reverse, and each of them, whatever happens to another.
    for (let release = releasers.pop(); release !== undefined; release = releasers.pop()) {
      await release().catch((failure: unknown) => failures.push(failure))
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    const folder = await dataFolder('boletia-demo-')
    releasers.push(() => folder.remove())
    const mailFolder = path.join(folder.path, 'correos')
    await mkdir(mailFolder)
    interrupted.throwIfAborted()

    const set = await startReplicaSet({ onDownload: (line) => console.error(line) })
    releasers.push(() => set.stop())
    const uri = set.uriFor('boletia')
    const client = new MongoClient(uri)
    releasers.push(() => client.close())
    const db = client.db()

    const lost = new AbortController()
    const children = new Children(folder, (error) => lost.abort(error))
    releasers.push(async () => {
      lost.abort(new Error('the demo is ending'))
      await children[Symbol.asyncDispose]()
    })
    const signal = AbortSignal.any([interrupted, lost.signal])
    const setting = { uri, mailFolder }
    const ports = keep ? { eventos: await portOr0(8070), reservas: await portOr0(8071) } : { eventos: 0, reservas: 0 }
    const [urls, streams] = await Promise.all([
      startServices(children, ports, setting, signal),
      startStreams(children, db, setting, signal),
    ])
    return {
      ...setting,
      folder: folder.path,
      signal,
      children,
      db,
      urls,
      api: httpApi(urls, signal),
      streams,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
