/** Whether the process that a port belongs to is dead. */
export interface Life {
  readonly dead: boolean
}

const forever = new Promise<never>(() => undefined)

/** A port whose owner can die: then what is asked of it never happens, and what was asked for is never answered. Readers that it opens die with it. */
export function mortal<Port extends object>(port: Port, life: Life): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || name === 'now') return member
      return (...given: unknown[]) => {
        if (life.dead) return forever
        const answer: unknown = Reflect.apply(member, target, given)
        if (!(answer instanceof Promise)) return answer
        return answer.then(
          (value: unknown) => (life.dead ? forever : isReader(value) ? mortal(value, life) : value),
          (error: unknown) => (life.dead ? forever : Promise.reject(error as Error)),
        )
      }
    },
  })
}

const isReader = (value: unknown): value is object => typeof value === 'object' && value !== null && 'next' in value
