import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Mode } from './orders.js'
import { programPath } from './paths.js'

/** What the checker (programs/count.ts) printed. */
export interface Counts {
  readonly source: number
  readonly lost: number
  readonly stuck: number
  readonly doubled: number
  /** How often a change was delivered again, where that is allowed. */
  readonly repeated: number
  /** The first few of each, by number. */
  readonly examples: Readonly<Record<'lost' | 'stuck' | 'doubled', readonly number[]>>
}

/** Counts what was done, in a process of its own; `exit` is 0 only when nothing was lost, stuck or doubled. */
export async function count(uri: string, mode: Mode): Promise<Counts & { readonly exit: number }> {
  const which = mode === 'handle' || mode === 'lanes' ? ['--at-least', 'deliveries', 'effects'] : ['effects', 'mirror']
  const child = spawn(process.execPath, [programPath('count'), uri, ...which], { stdio: ['ignore', 'pipe', 'inherit'] })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  const [exit] = (await once(child, 'close')) as [number]
  return { ...(JSON.parse(Buffer.concat(out).toString()) as Counts), exit }
}
