// The program behind `npm run demo`.
import { demo } from './demo.js'
import { parseFlags, usage } from './flags.js'
import { type Interrupted, interruption } from './interruption.js'
import { teller } from './tell.js'

const flags = parseFlags(process.argv.slice(2))
if (flags.kind === 'play') process.exitCode = await play(flags.keep)
else if (flags.kind === 'help') console.log(usage)
else {
  console.error(`demo: ${flags.why}\n\n${usage}`)
  process.exitCode = 2
}

/** Returns the exit code. */
async function play(keep: boolean): Promise<number> {
  const tell = teller(process.stdout, process.env)
  const interrupted = interruption()
  try {
    return (await demo({ keep, interrupted, tell })) ? 0 : 1
  } catch (error) {
    tell.broken()
    if (interrupted.aborted) {
      console.error('demo: stopped; everything is removed')
      return (interrupted.reason as Interrupted).exit
    }
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  }
}
