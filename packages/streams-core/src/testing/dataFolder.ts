import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A temporary directory for processes that this one starts, gone after `remove`, and also when this process ends without it. */
export interface DataFolder {
  readonly path: string
  /** Names the processes that use it now, and no ended ones: they are killed with it, should this process die. */
  guard(pids: readonly number[]): void
  /** Removes it; the processes must have ended. */
  remove(): Promise<void>
}

// Reads the last list of pids until its input closes: by `remove` with an empty list, or by the system when we are gone,
// were it by kill -9. Removal is tried again while a killed mongod has not let go of its files.
const keeper = `
pids=
while read -r line; do pids=$line; done
[ -z "$pids" ] || kill -9 $pids
for pause in 0.1 0.2 0.5 1 2; do rm -rf -- "$1" && exit; sleep $pause; done`

/** @param prefix of its name in the system's temporary directory */
export async function dataFolder(prefix: string): Promise<DataFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), prefix))
  if (process.platform === 'win32') {
    return { path: folder, guard: () => undefined, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) }
  }
  // Detached: an interrupt from the terminal goes to the whole process group and must not end the keeper.
  const child = spawn('sh', ['-c', keeper, 'sh', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' })
  const exited = once(child, 'exit')
  // An owner that forgets to stop its servers can still end.
  child.unref()
  const input = child.stdin
  if (input instanceof Socket) input.unref()
  // Somebody ended the keeper: the removal below does without it.
  input.on('error', () => undefined)
  return {
    path: folder,
    guard: (pids) => void input.write(`${pids.join(' ')}\n`),
    async remove() {
      child.ref()
      input.end('\n')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
