import { type Crash, crash } from './crash.js'
import type { Killable } from './inFlight.js'
import { openWave, partSize } from './load.js'
import type { Stage } from './stage.js'
import type { Tally } from './tally.js'
import type { Tell } from './tell.js'

const mostWaves = 5

/**
 * Waves of load, in which streamInventario is killed among reservations and streamReserva among cancellations, until each was
 * killed with changes in flight: a kill between two changes would show nothing.
 * @throws {Error} when that never happened
 */
export async function loadAndKill(stage: Stage, tell: Tell, tally: Tally): Promise<readonly Crash[]> {
  const crashes: Crash[] = []
  const hit = (name: Killable) => crashes.some((one) => one.name === name && one.inFlight > 0)

  async function during(part: Promise<void>, name: Killable, underWay: () => boolean): Promise<void> {
    if (hit(name)) return await part
    const [done] = await Promise.all([crash(stage, name, underWay), part])
    crashes.push(done)
    const { pid, newPid, inFlight, awayMs } = done
    tell(
      `  kill -9 ${name.padEnd(16)} pid ${pid}, ${inFlight} ${inFlight === 1 ? 'change' : 'changes'} in flight${inFlight > 0 ? '' : ': again'} → pid ${newPid} carries on after ${(awayMs / 1000).toFixed(1)} s`,
    )
  }

  for (let number = 1; number <= mostWaves; number++) {
    const wave = await openWave(stage, tally, number)
    await during(wave.reserve(), 'streamInventario', () => wave.answered > partSize.reserve / 3)
    await during(wave.giveBack(), 'streamReserva', () => wave.answered > partSize.giveBack / 3)
    if (hit('streamInventario') && hit('streamReserva')) return crashes
  }
  throw new Error(`in ${mostWaves} waves of load no kill of each stream met changes in flight: nothing was shown`)
}
