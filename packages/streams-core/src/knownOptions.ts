import type { ConnectStreamOptions } from './connectStream.js'
import type { RunOptions } from './runOptions.js'
import { StreamError } from './streamError.js'

// Records, so that the compiler asks for an option that is new.
const ofRun: Record<keyof RunOptions, true> = {
  client: true,
  connections: true,
  database: true,
  state: true,
  signal: true,
  log: true,
  observer: true,
  owner: true,
  redact: true,
  until: true,
  max: true,
  acceptDrift: true,
  leaseTtlMs: true,
  headroomWarning: true,
  standby: true,
  onFatal: true,
  takeOver: true,
  reader: true,
  readers: true,
}
const ofConnect: Record<keyof ConnectStreamOptions, true> = {
  signal: true,
  client: true,
  stream: true,
  collection: true,
  pipeline: true,
  handler: true,
}

/**
 * A slip in an option's name must not be passed over: with `unti: 'caught-up'` a run would never end.
 * @throws {StreamError} INVALID_OPTIONS
 */
export function refuseUnknownOptions(of: 'runStream' | 'connectStream', given: object): void {
  const known = Object.keys(of === 'runStream' ? ofRun : ofConnect)
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = known.find((one) => isNear(one.toLowerCase(), name.toLowerCase()))
    const hint = meant === undefined ? `it takes ${known.join(', ')}` : `did you mean ${meant}?`
    throw new StreamError('INVALID_OPTIONS', `${of}: unknown option ${name}; ${hint}`)
  }
}

/** One letter more, less, or another one. */
function isNear(known: string, given: string): boolean {
  let same = 0
  while (same < known.length && known[same] === given[same]) same += 1
  const rest = (ofKnown: number, ofGiven: number) => known.slice(same + ofKnown) === given.slice(same + ofGiven)
  return rest(0, 0) || rest(1, 1) || rest(1, 0) || rest(0, 1)
}
