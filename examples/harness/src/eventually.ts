import { setTimeout as delay } from 'node:timers/promises'

/** Asks again and again until the answer is yes. @throws {Error} when it was not within 30 s */
export async function eventually(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`Not within 30 s: ${what}.`)
    await delay(20)
  }
}
