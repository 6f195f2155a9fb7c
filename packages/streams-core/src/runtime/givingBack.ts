/** What becomes of a change that waits for another attempt when its run is asked to stop. */
export interface Waiting {
  /** Nothing behind it is done: it comes again, and repeats nothing. */
  back(): void
  /** It is finished: what is done behind it would come again with it. */
  goOn(): void
}

/** Which changes are given back by a clean stop. */
export interface GivingBack<T> {
  add(entry: T, waiting: Waiting): void
  remove(entry: T): void
  /** To be called, once the run is asked to stop, whenever something was done or has ended: `done`, the highest place that is done; `inHand`, how many are begun and not done. */
  decide(done: number, inHand: number): void
  /** Everything is given back, whatever is done behind it. */
  all(): void
}

/** While something is at work nobody knows what will be done behind what waits: so nothing is given back before. */
export function givingBack<T extends { readonly place: number }>(): GivingBack<T> {
  const waiting = new Map<T, Waiting>()
  return {
    add: (entry, one) => void waiting.set(entry, one),
    remove: (entry) => void waiting.delete(entry),
    decide(done, inHand) {
      for (const [entry, one] of waiting) if (entry.place < done) one.goOn()
      if (inHand > waiting.size) return
      for (const [entry, one] of waiting) if (entry.place > done) one.back()
    },
    all() {
      for (const one of waiting.values()) one.back()
    },
  }
}
