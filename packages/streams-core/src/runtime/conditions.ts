/** Conditions that somebody waits for; `look` is called whenever one of them may have come true. */
export interface Conditions {
  until(condition: () => boolean): Promise<void>
  look(): void
}

export function conditions(): Conditions {
  let waiting: { readonly condition: () => boolean; readonly resolve: () => void }[] = []
  return {
    until(condition) {
      return condition() ? Promise.resolve() : new Promise((resolve) => waiting.push({ condition, resolve }))
    },
    look() {
      // Nearly always nobody is waiting for what just happened, and this is asked for each change.
      if (!waiting.some(({ condition }) => condition())) return
      const still: typeof waiting = []
      for (const one of waiting.splice(0)) {
        if (one.condition()) one.resolve()
        else still.push(one)
      }
      waiting.push(...still)
    },
  }
}
