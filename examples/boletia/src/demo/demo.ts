import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { faultLines } from '../check/text.js'
import { whenCaughtUp } from './caughtUp.js'
import type { Crash } from './crash.js'
import { playExample } from './example.js'
import { Interrupted } from './interruption.js'
import { keepText } from './keep.js'
import { loadAndKill } from './loadAndKill.js'
import { type Stage, openStage } from './stage.js'
import { type StreamName, streamNames } from './streams.js'
import { type StreamRow, table } from './table.js'
import { newTally } from './tally.js'
import type { Tell } from './tell.js'
import { verdict } from './verdict.js'

export interface DemoOptions {
  readonly keep: boolean
  readonly interrupted: AbortSignal
  readonly tell: Tell
}

/**
 * The whole demo, from nothing to nothing. Resolves with the checker's word.
 * @throws {Interrupted} when it was told to stop before that; any failure as an Error that says which part it was
 */
export async function demo({ keep, interrupted, tell }: DemoOptions): Promise<boolean> {
  const began = performance.now()
  await using stage = await openStage({ keep, interrupted })
  tell(
    `${tell.title('Boletia')}: a replica set, two services and four streams, each a process of its own, up after ${seconds(began)}`,
  )
  try {
    const pass = await play(stage, tell, began)
    if (keep) await stayUp(stage, tell)
    return pass
  } catch (error) {
    throw await firstCause(error, stage.signal)
  }
}

async function play(stage: Stage, tell: Tell, began: number): Promise<boolean> {
  const tally = newTally()
  tell(`\n${tell.title('One event of 30 tickets')}`)
  await playExample(stage, tell, tally)

  tell(`\n${tell.title('Several events, sixteen customers at once')}`)
  const { accepted, refused, byCustomers, byOrganizers } = { ...tally, accepted: tally.accepted.length }
  const crashes = await loadAndKill(stage, tell, tally)
  const granted = tally.accepted.length - accepted
  const turnedAway = tally.refused - refused
  tell(`  ${granted + turnedAway} requests for tickets: ${granted} granted, ${turnedAway} refused (409)`)
  tell(
    `  cancelled: ${tally.byCustomers - byCustomers} reservations by customers, ${tally.byOrganizers - byOrganizers} of the events by the organizers`,
  )
  const loaded = performance.now()
  const listed = await whenCaughtUp(stage)
  tell(`  caught up after ${seconds(loaded)}`)

  const handled = await stage.streams.stop()
  const report = await verdict(stage, tally)
  const rows = streamNames.map((name): StreamRow => ({
    name,
    handled: handled.get(name) ?? 0,
    commits: commitsOfKilled(crashes, name),
    restarts: listed.find((one) => one.name === name)?.restarts ?? 0,
  }))
  tell()
  for (const line of table(report, rows)) tell(line)
  tell(`\n${report.pass ? tell.good('PASS') : tell.bad('FAIL')}  by the checker, ${seconds(began)} in all`)
  for (const line of faultLines(report.faults)) tell(line)
  return report.pass
}

async function stayUp(stage: Stage, tell: Tell): Promise<void> {
  await stage.streams.start()
  tell()
  for (const line of keepText(stage)) tell(line)
  if (!stage.signal.aborted) await once(stage.signal, 'abort')
  if (!(stage.signal.reason instanceof Interrupted)) throw stage.signal.reason
}

/** `rev` at the last death: a stream's document begins at 0, and every worker before that one was killed too. */
function commitsOfKilled(crashes: readonly Crash[], stream: StreamName): number {
  return Math.max(0, ...crashes.filter(({ name }) => name === stream).map(({ rev }) => rev))
}

/** A request that failed is mostly the first sign of a process that has just died: then its end is what to tell. */
async function firstCause(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), delay(3000)])
  return signal.aborted ? signal.reason : error
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
