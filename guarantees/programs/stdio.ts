import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CrashPoint } from '@boletia/streams-core/testing'
import type { Ambush, Said } from '../harness/orders.js'

/** One line on stdout. To a pipe it is written before this returns, so also when the process dies in the next moment. */
export function say(said: Said): void {
  console.log(JSON.stringify(said))
}

/** The next line of stdin, as JSON; the process ends when its supervisor goes away before or after. */
export async function ordered<Order>(): Promise<Order> {
  const lines = createInterface({ input: process.stdin })
  const [line] = (await once(lines, 'line')) as [string]
  process.stdin.once('end', () => process.exit(3))
  return JSON.parse(line) as Order
}

/** Sends this process the signals that were ordered, each at its crash point, before anything else can happen. */
export function ambusher(ambushes: readonly Ambush[]): (point: CrashPoint) => void {
  const waiting = [...ambushes]
  let passed = 0
  let event: 'signal' | 'signal again' = 'signal'
  return (point) => {
    const [ambush] = waiting
    if (ambush?.point !== point || (passed += 1) < ambush.nth) return
    waiting.shift()
    passed = 0
    say({ event, point, signal: ambush.signal, at: Date.now() })
    event = 'signal again'
    process.kill(process.pid, ambush.signal)
  }
}
