import { setTimeout as delay } from 'node:timers/promises'

/** Asks again and again until the answer is yes. @throws {Error} when it was not within 60 s */
export async function eventually(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`Not within 60 s: ${what}.`)
    await delay(20)
  }
}
