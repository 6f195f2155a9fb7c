import { ownerName } from './owner.js'
import { type Actor, type Late, type State, type Transaction, placeOf, savedPlace } from './state.js'

// One text for all states that differ only in names: of workers, of sessions, of epochs (only their order counts) and of revs (only how far
// they lie behind the saved one, and two behind is as good as lost). Small numbers become characters.

const text = (...numbers: number[]) => String.fromCharCode(...numbers.map((number) => number + 64))
const place = (token: string | null) => (token === null ? -1 : Number(token))
const phases = new Map<string, number>(
  [
    'down',
    'planned',
    'acquired',
    'reaped',
    'fenced',
    'forgotten',
    'run',
    'handed',
    'opened',
    'written',
    'unknown',
    'ended',
    'resolve',
    'leaving',
    'left',
  ].map((phase, i) => [phase, i]),
)
const messages: readonly Late['kind'][] = ['commit', 'begin', 'fence', 'renewal', 'release']
const endings = { no: 0, landed: 1, killed: 2 }

export function canonical(state: State): string {
  const { lease, saved, left, open, late } = state
  const rank = ranking(state)
  const behind = (rev: number) => Math.max(-1, Math.min(2, saved.rev - rev))
  // What belongs to a session: whether it is listed, its transaction, a message that will begin one. The rest belongs to dead ones.
  const own = new Set<number>()
  const sessionText = (session: number) => {
    own.add(session)
    let result = lease.sessions.includes(session) ? 'L' : 'l'
    for (const transaction of open) if (transaction.session === session) result += transactionText(transaction, rank, behind)
    for (const message of late) if (session !== -1 && message.session === session) result += lateText(message, rank, behind)
    return result
  }
  const actors = state.actors.map((actor, i) => {
    const { hung, session } = actor
    const isFencing = actor.phase === 'acquired' || actor.phase === 'reaped'
    const fencedIt = isFencing && saved.owner === ownerName(i) ? '=' : ''
    return (
      fencedIt +
      actorText(actor, rank, behind) +
      sessionText(session) +
      (hung === -1 || hung === session ? '' : sessionText(hung))
    )
  })
  const operator = actors.pop()!
  const orphans = new Set(
    [...open, ...late].map(({ session }) => session).filter((session) => session !== -1 && !own.has(session)),
  )
  return [
    text(
      rank(lease.epoch),
      lease.until === null ? -1 : lease.until,
      savedPlace(state),
      saved.position === null ? 1 : 0,
      rank(saved.epoch),
      place(saved.highest),
      place(saved.resetTo),
      state.guard,
      rank(state.ownerEpoch),
      rank(state.forced),
      state.excused,
      state.handled,
      ...state.effects,
      left.crash,
      left.pause,
      left.unanswered,
      left.stop,
      left.takeOver,
      left.move,
      left.heartbeat,
      left.renewal,
    ),
    intervals(saved.skipped),
    operator,
    ...actors.sort(),
    ...[...orphans].map(sessionText).sort(),
    ...late.map((message) => (message.session === -1 ? lateText(message, rank, behind) : '')).sort(),
  ].join(' ')
}

type Renaming = (number: number) => number

function ranking({ lease, saved, ownerEpoch, forced, actors, open, late }: State): Renaming {
  let present = (1 << lease.epoch) | (1 << saved.epoch) | (1 << ownerEpoch) | (1 << forced)
  for (const { epoch, claim, over } of actors) present |= (1 << epoch) | (1 << claim.epoch) | (1 << over)
  for (const { by, claim } of open) present |= (1 << by) | (1 << claim.epoch)
  for (const { by, claim } of late) present |= (1 << by) | (1 << claim.epoch)
  // 0 stays 0: no epoch.
  return (epoch) => (epoch === 0 ? 0 : bits(present & ((1 << epoch) - 2)) + 1)
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1
  return count
}

function actorText(actor: Actor, rank: Renaming, behind: Renaming): string {
  const { claim, plan, advance, hung } = actor
  if (actor.phase === 'down' && actor.over === 0) return '.'
  return (
    text(
      phases.get(actor.phase)!,
      actor.paused ? 1 : 0,
      rank(actor.epoch),
      rank(actor.over),
      actor.sentAt,
      Math.ceil(actor.stopAt),
      rank(claim.epoch),
      claim.epoch === 0 ? 0 : behind(claim.rev),
      actor.position,
      place(actor.highest),
      advance === null ? -1 : placeOf(advance.position),
      actor.done,
      endings[actor.ended],
      plan === null ? -1 : behind(plan.rev),
      plan === null ? -2 : (plan.to ?? -1),
      hung === -1 ? 0 : hung === actor.session ? 1 : 2,
    ) + intervals(actor.skipped)
  )
}

const transactionText = ({ by, claim, advance, saved, effects, sent }: Transaction, rank: Renaming, behind: Renaming) =>
  text(
    by === 0 ? 0 : rank(by),
    rank(claim.epoch),
    behind(claim.rev),
    advance === null ? -1 : placeOf(advance.position),
    saved === null ? -1 : savedPlace({ saved }),
    effects,
    sent ? 1 : 0,
  )

const lateText = ({ kind, by, claim, advance }: Late, rank: Renaming, behind: Renaming) =>
  'M' +
  text(
    messages.indexOf(kind),
    rank(by),
    rank(claim.epoch),
    claim.epoch === 0 ? 0 : behind(claim.rev),
    advance === null ? -1 : placeOf(advance.position),
    advance?.settled ? 1 : 0,
  )

const intervals = (skipped: Actor['skipped']) => skipped.map(({ from, to }) => text(Number(from), Number(to))).join('')
