import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** One mongod process. */
export interface MongodNode {
  readonly port: number
  /** Undefined while it is dead. */
  readonly pid: number | undefined
  readonly isPrimary: boolean
  /** Sends a signal: SIGKILL (default), SIGTERM and SIGINT resolve when the process has ended, SIGSTOP and SIGCONT at once. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again after a kill, on the same port and data. */
  restart(): Promise<void>
}

/** As much of a MongoMemoryServer as is used: who takes the other tools of this entry need not have its types. */
interface StartedServer {
  readonly instanceInfo:
    | {
        readonly port: number
        readonly instance: {
          readonly mongodProcess?: ChildProcess
          readonly isInstancePrimary: boolean
          start(): Promise<void>
          stop(): Promise<boolean>
        }
      }
    | undefined
}

const ending: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT']

/** A node over a server of mongodb-memory-server that has been started. `restarted` is called when it has another pid. */
export function mongodNode(server: StartedServer, restarted: () => void): MongodNode {
  const info = server.instanceInfo
  if (info === undefined) throw new Error('The mongod has not been started.')
  const { instance, port } = info
  const running = () => {
    const child = instance.mongodProcess
    return child === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : child
  }
  return {
    port,
    get pid() {
      return running()?.pid
    },
    get isPrimary() {
      return running() !== undefined && instance.isInstancePrimary
    },
    async kill(signal = 'SIGKILL') {
      const child = running()
      if (child === undefined) return
      const closed = ending.includes(signal) ? once(child, 'close') : undefined
      child.kill(signal)
      await closed
    },
    async restart() {
      // Forgets the dead process, and waits for its watcher to end.
      await instance.stop()
      await instance.start()
      restarted()
    },
  }
}
