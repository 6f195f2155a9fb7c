import { promises } from './promises.js'
import type { CounterExample } from './search.js'
import { type State, savedPlace } from './state.js'

/** A counter-example to read: the promise, the steps, and how things stand at their end. */
export function printed({ promise, steps }: CounterExample): string {
  const width = String(steps.length - 1).length
  const lines = steps.slice(1).map(({ action }, i) => `${String(i + 1).padStart(width)}. ${action}`)
  return [`Broken: ${promises[promise]}`, ...lines, ...standing(steps.at(-1)!.state)].join('\n')
}

function standing({ lease, saved, open, effects, actors }: State): string[] {
  const until = lease.until === null ? 'released' : lease.until > 0 ? 'live' : 'expired'
  const who = actors
    .filter(({ phase }) => phase !== 'down')
    .map(
      ({ operator, phase, paused, epoch }) =>
        `${operator ? 'operator' : 'worker'} with epoch ${epoch}: ${phase}${paused ? ', frozen' : ''}`,
    )
  return [
    `Lease: epoch ${lease.epoch}, ${until}, ${lease.sessions.length} sessions listed`,
    `Saved: behind change ${Math.floor(savedPlace({ saved }) / 2)}, epoch ${saved.epoch}, rev ${saved.rev}`,
    `Effects of the changes: ${effects.slice(1).join(', ')}`,
    `Open transactions: ${open.map(({ by, saved }) => `of epoch ${by}${saved === null ? '' : ', has the checkpoint'}`).join('; ') || 'none'}`,
    `At work: ${who.join('; ') || 'nobody'}`,
  ]
}
