import { type Child, Late } from './child.js'
import { cpuMs, rssMb } from './processes.js'
import type { Figures } from './types.js'

/**
 * Waits for a contender that works through a backlog. From its first change (`begun`) to nine tenths of them (`timed`) it is timed by
 * itself; its processor time and the server's are sampled here, for every kind of process the same way. Resolves when all is handled, or,
 * with a bound, without figures when it isn't by then.
 */
export async function measured(child: Child, mongod: number, boundMs?: number): Promise<Figures> {
  let before = { own: 0, server: 0 }
  let after = { own: 0, server: 0 }
  const sample = () => ({ own: cpuMs(child.pid), server: cpuMs(mongod) })
  child.on('begun', () => (before = sample()))
  child.on('timed', () => (after = sample()))
  let changes = 0
  let ms = 0
  try {
    const timed = await child.heard('timed', boundMs)
    changes = Number(timed.changes)
    ms = Number(timed.ms)
    await child.heard('done', boundMs)
  } catch (error) {
    if (boundMs === undefined || !(error instanceof Late)) throw error
    return { perSecond: null, cpuMicrosEach: null, serverMicrosEach: null, rssMb: rssMb(child.pid, 'peak') }
  }
  return {
    perSecond: Math.round((changes / ms) * 1000),
    cpuMicrosEach: round(((after.own - before.own) * 1000) / changes),
    serverMicrosEach: round(((after.server - before.server) * 1000) / changes),
    rssMb: rssMb(child.pid, 'peak'),
  }
}

export const round = (value: number) => Math.round(value * 100) / 100
