import { setTimeout as delay } from 'node:timers/promises'

/** So many users, each doing one thing after the other with a short pause in between, until `over` is aborted. */
export async function untilOver(
  over: AbortSignal,
  users: number,
  step: (user: number, turn: number) => Promise<unknown>,
): Promise<void> {
  const user = async (id: number) => {
    for (let turn = 0; !over.aborted; turn += 1) {
      await step(id, turn)
      await delay(20)
    }
  }
  await Promise.all(Array.from({ length: users }, (_, id) => user(id)))
}
