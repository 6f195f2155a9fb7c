import { documents } from 'boletia-streams/contracts'
import type { Db } from 'mongodb'
import type { Child, Children } from './children.js'
import { savedStream } from './checkpoint.js'
import { eventually } from './eventually.js'
import { type Setting, commandProgram } from './programs.js'

export const streamNames = ['streamEvento', 'streamInventario', 'streamReserva', 'streamNotificacion'] as const
export type StreamName = (typeof streamNames)[number]

/** One line of `boletia-streams list --json`. */
export type ListedStream = ReturnType<typeof documents.list.parse>['data']['streams'][number]

/** The four streams, each `boletia-streams run <name>` in a process of its own. */
export interface Streams {
  /** Starts those that don't run; resolves once each owns its stream. */
  start(names?: readonly StreamName[]): Promise<void>
  worker(name: StreamName): Child
  /** SIGTERM: resolves with how many changes each life handled, by the document that `run` prints at its end. */
  stop(): Promise<ReadonlyMap<StreamName, number>>
  list(): Promise<readonly ListedStream[]>
}

export async function startStreams(children: Children, db: Db, setting: Setting, signal: AbortSignal): Promise<Streams> {
  const workers = new Map<StreamName, Child>()
  const start = async (names: readonly StreamName[] = streamNames): Promise<void> => {
    await Promise.all(
      names.map(async (name) => {
        const child = children.start(commandProgram(name, ['run', name], setting))
        workers.set(name, child)
        // The owner's name holds its pid; a position exists by then, so nothing that is written from now on is missed.
        const owns = async () => (await savedStream(db, name))?.owner?.includes(`/${child.pid}/`) || undefined
        await eventually(`${name} runs`, owns, { signal })
      }),
    )
  }
  const worker = (name: StreamName): Child => workers.get(name) as Child
  await start()
  return {
    start,
    worker,
    async stop() {
      const handled = streamNames.map(async (name): Promise<[StreamName, number]> => {
        const child = worker(name)
        const code = await child.end('SIGTERM')
        if (code !== 0) throw new Error(`${name} was told to stop and ended with ${code}`)
        const [own] = documents.run.parse(JSON.parse(child.stdout())).data.streams
        return [name, own?.handled ?? 0]
      })
      return new Map(await Promise.all(handled))
    },
    async list() {
      const { stdout } = await children.run(commandProgram('list', ['list'], setting))
      return documents.list.parse(JSON.parse(stdout)).data.streams
    },
  }
}
