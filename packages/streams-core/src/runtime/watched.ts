import type { CheckpointStore, DeadLetterStore, LeaseStore, PauseStore, TargetStore } from '../ports.js'

/** Leaves an operation to itself, rejecting, when its server is silent. */
export type Guarding = <T>(operation: Promise<T>) => Promise<T>

/** The ports of the state behind a guard, so that no run waits for ever on a server that is frozen. */
export function watchedStore(store: CheckpointStore, guard: Guarding): CheckpointStore {
  return {
    load: (name) => guard(store.load(name)),
    adopt: (name, fingerprint, by) => guard(store.adopt(name, fingerprint, by)),
    create: (name, first, fingerprint, by) => guard(store.create(name, first, fingerprint, by)),
    fence: (name, epoch, owner, fingerprint) => guard(store.fence(name, epoch, owner, fingerprint)),
    commit: (claim, advance) => guard(store.commit(claim, advance)),
    commitWith: (claim, advance, effects, mayGiveUp) => guard(store.commitWith(claim, advance, effects, mayGiveUp)),
    lost: (claim, position, gap, by) => guard(store.lost(claim, position, gap, by)),
    prepare: () => guard(store.prepare()),
    // In the transaction of a commit, which is guarded as a whole.
    tell: (move, session) => store.tell(move, session),
    settleUnknown: (claim, advance, from) => guard(store.settleUnknown(claim, advance, from)),
    release: (claim, error, inDoubt) => guard(store.release(claim, error, inDoubt)),
    refuse: (seen, error) => guard(store.refuse(seen, error)),
  }
}

export function watchedLeases(leases: LeaseStore, guard: Guarding): LeaseStore {
  return {
    load: (name) => guard(leases.load(name)),
    acquire: (request) => guard(leases.acquire(request)),
    renew: (name, epoch, ttlMs) => guard(leases.renew(name, epoch, ttlMs)),
    release: (name, epoch) => guard(leases.release(name, epoch)),
  }
}

export function watchedPauses(pauses: PauseStore, guard: Guarding): PauseStore {
  return {
    load: (name) => guard(pauses.load(name)),
    seen: (name, owner) => guard(pauses.seen(name, owner)),
  }
}

export function watchedTargets(targets: TargetStore, guard: Guarding): TargetStore {
  return {
    collection: (alias) => targets.collection(alias),
    besideCheckpoint: targets.besideCheckpoint,
    ensure: () => guard(targets.ensure()),
    // In a transaction the whole transaction is guarded.
    apply: (writes, session) =>
      session === undefined ? guard(targets.apply(writes, undefined)) : targets.apply(writes, session),
  }
}

export function watchedLetters(letters: DeadLetterStore, guard: Guarding): DeadLetterStore {
  return {
    ensure: (stream) => guard(letters.ensure(stream)),
    held: (stream) => guard(letters.held(stream)),
    next: (stream, key) => guard(letters.next(stream, key)),
    // In the transaction of a commit, which is guarded as a whole.
    remove: (letter, session) => letters.remove(letter, session),
    failed: (letter, failure, session) => letters.failed(letter, failure, session),
    // In a transaction the whole transaction is guarded.
    add: (added, session) => (session === undefined ? guard(letters.add(added, undefined)) : letters.add(added, session)),
  }
}
