import type { Context, LifecycleContext } from '../stream.js'
import type { Delivered } from '../ports.js'
import type { Worker } from './worker.js'

export interface Delivery {
  readonly epoch: number
  readonly attempt: number
  readonly replay: boolean
  readonly redelivered: boolean | 'unknown'
}

type Surroundings = Pick<Worker, 'stream' | 'targets' | 'log' | 'signal'>

export function lifecycleContext({ stream, targets, log, signal }: Surroundings): LifecycleContext {
  return { stream: stream.name, signal, log, target: targets.collection as LifecycleContext['target'] }
}

/** What a handler gets beside the change. */
export function changeContext(
  around: Surroundings,
  { change, position }: Delivered,
  { epoch, attempt, replay, redelivered }: Delivery,
): Context {
  const { token } = position
  return Object.freeze({
    ...lifecycleContext(around),
    log: around.log.child({ token, attempt }),
    token,
    clusterTime: change.clusterTime,
    attempt,
    replay,
    redelivered,
    fence: Object.freeze({ stream: around.stream.name, epoch, token }),
  })
}
