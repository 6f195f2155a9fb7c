import type { CrashPoint } from '@boletia/streams-core/testing'
import { isBeforeOwner, movePoints, places, pointsOf } from '../harness/places.js'
import type { Kill, Zombie } from '../harness/trial.js'
import { type Random, random } from './random.js'

/** What is done to a stream next. */
export type Round =
  | ({ readonly kind: 'kill' } & Kill)
  | { readonly kind: 'kill after'; readonly ms: number }
  | ({ readonly kind: 'zombie' } & Zombie)
  | { readonly kind: 'move'; readonly point: CrashPoint; readonly byMs: number }

const modes = ['project', 'guarded', 'handle', 'lanes'] as const

type Mode = (typeof modes)[number]

/** A new stream, what is done to it, and then its verdict. */
export interface Chapter {
  readonly mode: Mode
  readonly rounds: readonly Round[]
}

export interface ScheduleOptions {
  readonly kills: number
  readonly zombies: number
  readonly seed: number
}

const longestChapter = 60

/**
 * Every decision of a soak, from its seed alone: how long something took never decides anything. The points of each mode come from a
 * shuffled deck, so that all of them have their turn before one comes again. A zombie's successor is killed too: each zombie is also a kill.
 */
export function schedule({ kills, zombies, seed }: ScheduleOptions): readonly Chapter[] {
  const from = random(seed)
  const toKill = decks(from, (mode) => pointsOf(mode).filter((point) => !isBeforeOwner(point)))
  const toFreeze = decks(from, (mode) => pointsOf(mode).filter((point) => !isBeforeOwner(point)))
  const toMove = deck(from, movePoints)
  const chapters: Chapter[] = []
  // A short soak has a chapter of each mode too.
  const roundsInChapter = Math.min(longestChapter, Math.ceil(Math.max(kills, zombies) / modes.length))
  let killsLeft = kills
  let zombiesLeft = zombies
  let roundsLeft = 0
  // Every chapter has its share: by the dice alone, a mode might not be frozen at each of its points.
  let zombiesHere = 0
  const isOver = () => killsLeft <= 0 && zombiesLeft <= 0

  function round(mode: Mode): Round {
    if (from.next() * Math.min(roundsLeft, killsLeft) < zombiesHere) {
      zombiesHere -= 1
      zombiesLeft -= 1
      return zombie(from, toFreeze[mode]())
    }
    const dice = from.next()
    if (dice < 0.2) return { kind: 'kill after', ms: from.between(0, 250) }
    if (dice < 0.26 && mode === 'guarded') return { kind: 'move', point: toMove(), byMs: -1000 * from.between(1, 3) }
    if (dice < 0.26 && mode === 'project') return { ...kill(from, 'handler.done'), nth: 2, fault: 'unknownCommit' }
    return kill(from, toKill[mode]())
  }

  while (!isOver()) {
    const mode = modes[chapters.length % modes.length]!
    const rounds: Round[] = [kill(from, 'start.anchored'), kill(from, 'start.created'), kill(from, 'lease.created')]
    killsLeft -= rounds.length
    roundsLeft = roundsInChapter - rounds.length
    zombiesHere = Math.ceil((zombiesLeft * roundsLeft) / Math.max(roundsLeft, killsLeft, 1))
    for (; roundsLeft > 0 && !isOver(); roundsLeft -= 1) {
      rounds.push(round(mode))
      killsLeft -= 1
    }
    chapters.push({ mode, rounds })
  }
  return chapters
}

function kill(from: Random, point: CrashPoint): { readonly kind: 'kill' } & Kill {
  const { often, fault } = places[point]
  // A short lease is renewed at once; its renewal is what this process dies of.
  const ttlMs = point.startsWith('lease.renew') ? 300 : 10_000
  return { kind: 'kill', point, nth: often ? from.between(1, 12) : 1, fault, ttlMs }
}

function zombie(from: Random, point: CrashPoint): Round {
  const { often, fault } = places[point]
  const ttlMs = from.between(300, 500)
  const nth = often ? from.between(1, 12) : 1
  // Some wake up before their lease is over, or just when it is.
  const thaw = from.next() < 0.6 ? 'fenced' : Math.round(ttlMs * (0.2 + 1.1 * from.next()))
  return { kind: 'zombie', point, nth, fault, ttlMs, thaw }
}

function decks(from: Random, pointsIn: (mode: Mode) => readonly CrashPoint[]) {
  const [project, guarded, handle, lanes] = modes.map((mode) => deck(from, pointsIn(mode)))
  return { project: project!, guarded: guarded!, handle: handle!, lanes: lanes! }
}

function deck<T>(from: Random, items: readonly T[]): () => T {
  let left: T[] = []
  return () => {
    if (left.length === 0) left = from.shuffled(items)
    return left.pop()!
  }
}
