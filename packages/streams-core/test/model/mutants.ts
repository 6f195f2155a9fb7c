import type { BrokenPromise } from './promises.js'
import { type Decisions, type Protocol, order, decisions } from './protocol.js'
import type { ScenarioName } from './scenarios.js'

// Each mutant is the protocol with one decision replaced by its naive version.

export interface Mutant {
  readonly rule: number
  readonly scenario: ScenarioName
  /** Each is found when only it is watched. */
  readonly breaks: readonly BrokenPromise[]
  readonly protocol: Protocol
}

type Found = Pick<Mutant, 'rule' | 'scenario' | 'breaks'>

const patched = (found: Found, patch: Partial<Decisions>): Mutant => ({ ...found, protocol: { ...decisions, order, ...patch } })

const ordered = (found: Found, patch: Partial<Protocol['order']>): Mutant => ({
  ...found,
  protocol: { ...decisions, order: { ...order, ...patch } },
})

const { acquiredLease, releasedLease, settledLease, fencedCheckpoint, committedCheckpoint, movedCheckpoint, unknownCommit } =
  decisions

/** By what the naive version does. */
export const mutants = {
  // The lease.
  'the epoch does not rise with the owner, and an equal one may fence': patched(
    { rule: 7, scenario: 'three crashes', breaks: ['owner'] },
    {
      acquiredLease: (lease, by) => {
        const taken = acquiredLease(lease, by)
        return taken && { ...taken, epoch: Math.max(1, lease.epoch) }
      },
      fencedCheckpoint: (saved, by) => fencedCheckpoint({ ...saved, epoch: saved.epoch - 1 }, by),
    },
  ),
  'a released lease is deleted': patched(
    { rule: 7, scenario: 'a clean stop and lost answers', breaks: ['epochs'] },
    {
      releasedLease: (lease, epoch) =>
        lease.epoch === epoch ? { ...lease, epoch: 0, owner: null, until: null, sessions: [] } : null,
    },
  ),
  'a live lease is taken without being told to': patched(
    { rule: 7, scenario: 'three crashes', breaks: ['takeOver'] },
    { acquiredLease: (lease, by) => acquiredLease({ ...lease, until: null }, by) },
  ),
  'a take-over takes whatever lease there is by then': patched(
    { rule: 9, scenario: 'a take-over by order', breaks: ['takeOver'] },
    { acquiredLease: (lease, by) => acquiredLease(lease, by.over === null ? by : { ...by, over: lease.epoch }) },
  ),
  'every worker takes over': patched(
    { rule: 9, scenario: 'three crashes', breaks: ['takeOver'] },
    { leaseToTakeOver: ({ epoch }) => epoch },
  ),
  'a former owner releases the lease': patched(
    { rule: 7, scenario: 'a clean stop and late renewals', breaks: ['handOut'] },
    { releasedLease: (lease, _epoch, own) => releasedLease(lease, lease.epoch, own) },
  ),
  'a late renewal revives a released lease': patched(
    { rule: 7, scenario: 'a clean stop and late renewals', breaks: ['held'] },
    { renewedLease: (lease, epoch, until) => (lease.epoch === epoch ? { ...lease, until } : null) },
  ),
  'a former owner renews the lease': patched(
    { rule: 7, scenario: 'a clean stop and late renewals', breaks: ['held', 'handOut'] },
    { renewedLease: (lease, _epoch, until) => ({ ...lease, until }) },
  ),
  'changes are handed out after the local deadline': patched(
    { rule: 7, scenario: 'a clean stop and late renewals', breaks: ['handOut'] },
    { mayHandOut: () => true },
  ),
  'the local deadline counts from the answer, not from the question': patched(
    { rule: 7, scenario: 'a clean stop and late renewals', breaks: ['handOut'] },
    { leaseTimes: (_sentAt, ttlMs) => ({ renewAt: ttlMs / 3, stopAt: ttlMs * 0.9 }) },
  ),
  // Sessions.
  'a new owner lists only its own sessions': patched(
    { rule: 8, scenario: 'three crashes', breaks: ['stuck'] },
    { acquiredLease: (lease, by) => acquiredLease({ ...lease, sessions: [] }, by) },
  ),
  'sessions are listed after their first use': patched(
    { rule: 8, scenario: 'three crashes', breaks: ['stuck'] },
    { acquiredLease: (lease, by) => acquiredLease(lease, { ...by, sessions: [] }), settledLease: (lease) => lease },
  ),
  'who gives up before its fence forgets its predecessors’ sessions': patched(
    { rule: 8, scenario: 'a clean stop and lost answers', breaks: ['stuck'] },
    { releasedLease: (lease, epoch) => releasedLease(lease, epoch, lease.sessions) },
  ),
  'a former owner replaces the list of sessions': patched(
    { rule: 8, scenario: 'a clean stop and late renewals', breaks: ['stuck'] },
    { settledLease: (lease, _epoch, own) => settledLease(lease, lease.epoch, own) },
  ),
  'a session that could not be listed is used': ordered(
    { rule: 8, scenario: 'a take-over by order', breaks: ['stuck'] },
    { checksListing: false },
  ),
  // Taking over.
  'the former sessions are not killed': ordered(
    { rule: 9, scenario: 'three crashes', breaks: ['stuck'] },
    { killsBeforeFence: false },
  ),
  'no fence: the epoch stays': patched(
    { rule: 9, scenario: 'a clean stop and late renewals', breaks: ['owner', 'former'] },
    {
      fencedCheckpoint: (saved, by) => {
        const fenced = fencedCheckpoint(saved, by)
        return fenced && { ...fenced, checkpoint: { ...fenced.checkpoint, epoch: saved.epoch } }
      },
    },
  ),
  'a lower epoch may fence': patched(
    { rule: 9, scenario: 'a clean stop and late renewals', breaks: ['owner'] },
    { fencedCheckpoint: (saved, by) => fencedCheckpoint({ ...saved, epoch: 0 }, by) },
  ),
  'the position is read before the fence': ordered(
    { rule: 9, scenario: 'a clean stop and lost answers', breaks: ['doubled'] },
    { positionFromFence: false },
  ),
  'a fence that landed unheard is taken for another owner’s': patched(
    { rule: 9, scenario: 'a clean stop and lost answers', breaks: ['told'] },
    { fencedCheckpoint: (saved, by) => (saved.epoch >= by.epoch ? null : fencedCheckpoint(saved, by)) },
  ),
  // An operator's move.
  'a move does not raise the epoch': patched(
    { rule: 10, scenario: 'a move, a frozen worker and a lost answer', breaks: ['owner', 'told'] },
    {
      movedCheckpoint: (saved, move) => {
        const moved = movedCheckpoint(saved, move)
        return moved && { ...moved, epoch: saved.epoch }
      },
    },
  ),
  'a move holds whatever happened since it was planned': patched(
    { rule: 10, scenario: 'two moves of an operator', breaks: ['move'] },
    { movedCheckpoint: (saved, move) => movedCheckpoint(saved, { ...move, rev: saved.rev }) },
  ),
  'a move raises neither epoch nor rev': patched(
    { rule: 10, scenario: 'a move, a crash and a lost answer', breaks: ['former', 'owner'] },
    {
      movedCheckpoint: (saved, move) => {
        const moved = movedCheckpoint(saved, move)
        return moved && { ...moved, epoch: saved.epoch, rev: saved.rev }
      },
    },
  ),
  'a skip forgets what it jumped over': patched(
    { rule: 10, scenario: 'two moves of an operator', breaks: ['replay'] },
    {
      movedCheckpoint: (saved, move) => {
        const moved = movedCheckpoint(saved, move)
        return moved && { ...moved, skipped: saved.skipped }
      },
    },
  ),
  'a stream that is forgotten forgets what it worked off since its last move': patched(
    { rule: 10, scenario: 'a stream that is forgotten', breaks: ['replay'] },
    {
      movedCheckpoint: (saved, move) => {
        const moved = movedCheckpoint(saved, move)
        return moved && move.to === null ? { ...moved, skipped: saved.skipped } : moved
      },
    },
  ),
  'a forgotten stream begins anew before the fence': ordered(
    { rule: 10, scenario: 'a stream that is forgotten, a crash and a frozen worker', breaks: ['stuck'] },
    { beginsAsOwner: false },
  ),
  // The commit.
  'a commit filters on the epoch alone': patched(
    { rule: 11, scenario: 'a clean stop and lost answers', breaks: ['doubled'] },
    { committedCheckpoint: (saved, { epoch }, advance) => committedCheckpoint(saved, { epoch, rev: saved.rev }, advance) },
  ),
  'a commit filters on rev alone': patched(
    { rule: 11, scenario: 'a clean stop and lost answers', breaks: ['former'] },
    { committedCheckpoint: (saved, { rev }, advance) => committedCheckpoint(saved, { epoch: saved.epoch, rev }, advance) },
  ),
  'a commit filters on neither': patched(
    { rule: 11, scenario: 'a clean stop and lost answers', breaks: ['former', 'doubled'] },
    { committedCheckpoint: (saved, _claim, advance) => committedCheckpoint(saved, saved, advance) },
  ),
  'a commit does not raise rev': patched(
    { rule: 11, scenario: 'a clean stop and lost answers', breaks: ['doubled', 'told'] },
    {
      committedCheckpoint: (saved, claim, advance) => {
        const committed = committedCheckpoint(saved, claim, advance)
        return committed && { ...committed, rev: saved.rev }
      },
    },
  ),
  'an own commit that is repeated is taken for somebody else’s move': patched(
    { rule: 11, scenario: 'a clean stop and lost answers', breaks: ['told'] },
    { commitOutcome: (_claim, _advance, saved) => ({ kind: 'moved', rev: saved?.rev ?? 0 }) },
  ),
  'an unknown commit counts as not landed': patched(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['doubled'] },
    { unknownCommit: (claim, _advance, _from, saved) => ({ kind: 'not landed', claim: { ...claim, rev: saved?.rev ?? 0 } }) },
  ),
  'an unknown commit counts as landed': patched(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['lost'] },
    {
      unknownCommit: (claim, advance, from, saved) => {
        const outcome = unknownCommit(claim, advance, from, saved)
        return outcome.kind === 'not landed' ? { ...outcome, kind: 'committed' } : outcome
      },
    },
  ),
  'after an unknown commit the saved state is looked at, and that is all': ordered(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['stuck'] },
    { unknown: 'looks' },
  ),
  'after an unknown commit the change is read again': ordered(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['replay'] },
    { unknown: 'nothing' },
  ),
  'after an unknown commit a new session is used': ordered(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['stuck'] },
    { unknown: 'nothing', sameSession: false },
  ),
  'who is in doubt about its transaction releases its lease': ordered(
    { rule: 12, scenario: 'a clean stop and lost answers', breaks: ['stuck'] },
    { keepsLeaseInDoubt: false },
  ),
  'in a transaction the checkpoint comes last': ordered(
    { rule: 13, scenario: 'a clean stop and late renewals', breaks: ['stuck'] },
    { checkpointFirst: false },
  ),
} as const satisfies Record<string, Mutant>
