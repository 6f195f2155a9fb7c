import type { Log } from '../log.js'
import { mongoHistoryStore } from '../mongo/historyStore.js'
import { type Letter, type LetterFilter, letterDesk } from '../mongo/letterDesk.js'
import { runStream } from '../runStream.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { liveHolder } from './liveHolder.js'
import { type Registered, type Registry, registry } from './registry.js'
import type { AdminOptions } from './types.js'

/** Who does it and why. */
export interface Doing {
  readonly by: string
  readonly reason: string | null
}

/** Which changes would be put back or thrown away; nothing is written by making one. */
export interface LetterPlan {
  readonly name: string
  readonly letters: readonly Letter[]
  /** All of the keys that they belong to: what is put back goes in order, so its whole key goes. */
  readonly keys: readonly string[]
  readonly ofKeys: number
  /** The worker that would put them back; null: the caller does it. */
  readonly owner: string | null
}

export interface Redriving extends Doing {
  readonly log?: Log
  readonly signal?: AbortSignal
  /** So many changes were tried, whether they failed again or not; only where this call does it. */
  readonly onProgress?: (tried: number) => void
}

/** What became of a redrive; a worker's is only marked: it is done within seconds. */
export interface RedriveDone {
  readonly marked: number
  readonly redriven: number
  /** Tried, and failed again. */
  readonly failed: number
  /** Null: nobody knows yet, a worker does it. */
  readonly left: number | null
  readonly owner: string | null
}

/** Parked and held changes, in stream order. @throws {StreamError} UNKNOWN_STREAM */
export async function listLetters(options: AdminOptions, name: string, filter: LetterFilter = {}): Promise<readonly Letter[]> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await all.get(name)
    return await letterDesk(all.places.state).find(name, filter)
  })
}

/** @throws {StreamError} UNKNOWN_STREAM; EMPTY_SELECTION for a filter that no letter of the stream matches, and for an id that none has */
export async function planLetters(options: AdminOptions, name: string, filter: LetterFilter): Promise<LetterPlan> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await all.get(name)
    const desk = letterDesk(all.places.state)
    const letters = await desk.find(name, filter)
    const reason = emptiness(filter, letters)
    if (reason !== null) {
      const others = await desk.find(name, { limit: 1 })
      const rest = others.length === 0 ? 'nothing is parked' : `others are parked, see boletia-streams dead-letters list ${name}`
      throw new StreamError('EMPTY_SELECTION', `stream ${name}: ${reason}; ${rest}`, {
        details: { stream: name, why: 'The ids and options of the call choose nothing. Nothing was done.' },
      })
    }
    const keys = [...new Set(letters.map(({ key }) => key))]
    const { owner } = await liveHolder(all.places.state, name)
    return { name, letters, keys, ofKeys: await desk.count(name, keys), owner }
  })
}

/** Why a choice is empty, or a part of it; null: it is not, or nothing was chosen by. What it says of a document is never told. */
function emptiness({ ids = [], error, doc, since, limit }: LetterFilter, letters: readonly Letter[]): string | null {
  const missing = ids.filter((id) => !letters.some((letter) => letter.id === id))
  const others = [
    ...(error === undefined ? [] : [`has the error ${error}`]),
    ...(doc === undefined ? [] : ['is of that document']),
    ...(since === undefined ? [] : [`was put aside since ${since.toISOString()}`]),
  ]
  if (missing.length > 0 && (limit === undefined || letters.length === 0))
    return `no dead letter ${others.length === 0 ? '' : `that ${others.join(', and ')} `}has the id ${missing.join(' or ')}`
  return letters.length === 0 && others.length > 0 ? `no dead letter ${others.join(', and ')}` : null
}

/**
 * Puts the changes of a plan, and all others of their keys, through the handler again, in order (protocol, rule 29). The stream's worker does it; where
 * there is none, this call takes the lease and does it.
 * @throws {StreamError} UNKNOWN_STREAM when nobody runs it and it is not defined, LEASE_HELD, and what stops a run
 */
export async function redriveLetters(
  options: AdminOptions,
  { name, keys }: Pick<LetterPlan, 'name' | 'keys'>,
  { by, reason, log, signal, onProgress }: Redriving,
): Promise<RedriveDone> {
  const all = registry(options)
  const { registered, marked, owner } = await orFault(`stream ${name}`, async () => {
    const found = await all.get(name)
    const holder = await liveHolder(all.places.state, name)
    if (holder.owner === null) requireHandler(found)
    const marked = await letterDesk(all.places.state).mark(name, keys, by, reason)
    if (marked > 0) await tell(all, found, { action: 'redrive', by, reason, what: `${marked} dead letters put back` })
    return { registered: found, owner: holder.owner, marked }
  })
  if (owner !== null || marked === 0) return { marked, redriven: 0, failed: 0, left: owner === null ? 0 : null, owner }
  let tried = 0
  let failed = 0
  const { streams: _, ...places } = options
  const run = runStream(registered.stream!, {
    ...places,
    until: 'redriven',
    ...(log && { log }),
    ...(signal && { signal }),
    observer: {
      redriven({ outcome }) {
        if (outcome === 'failed') failed += 1
        onProgress?.(++tried)
      },
    },
  })
  const { redriven } = await run.done
  return { marked, redriven, failed, left: await letterDesk(all.places.state).count(name, keys), owner: null }
}

/** Throws the letters of a plan away: their changes are never handled. A row in the history says who did, and how many. */
export async function discardLetters(
  options: AdminOptions,
  { name, letters }: Pick<LetterPlan, 'name' | 'letters'>,
  { by, reason }: Doing,
): Promise<number> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    const found = await all.get(name)
    const discarded = await letterDesk(all.places.state).discard(letters.map(({ id }) => id))
    await tell(all, found, { action: 'discard', by, reason, what: `${discarded} dead letters` })
    return discarded
  })
}

/** A row in the history of what moves no position. */
async function tell(
  { places }: Registry,
  { name, saved }: Registered,
  { action, by, reason, what }: Doing & { readonly action: 'redrive' | 'discard'; readonly what: string },
): Promise<void> {
  const history = mongoHistoryStore(places.state)
  await history.ensure()
  const at = saved?.position ?? null
  const told = reason === null ? what : `${what}: ${reason}`
  await history.add({ stream: name, action, by, reason: told, before: at, after: at, rev: saved?.rev ?? 0 })
}

function requireHandler({ name, stream }: Registered): void {
  if (stream !== null) return
  throw new StreamError(
    'UNKNOWN_STREAM',
    `stream ${name} is saved but not defined, and no worker holds it: putting a change back needs its handler; add it to the config`,
    { details: { stream: name } },
  )
}
