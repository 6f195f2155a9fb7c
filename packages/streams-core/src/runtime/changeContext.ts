import type { ClientSession, Timestamp } from 'mongodb'
import type { Log } from '../log.js'
import { type Lending, type LendingContext, lending } from '../core/lending.js'
import type { Delivered } from '../ports.js'
import type { Context, Fence, LifecycleContext } from '../stream.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

/** How far the stream has come, as far as a change's context tells. */
export type Standing = Pick<Progress, 'claim' | 'highest' | 'isReplay' | 'redelivered'>

export type Surroundings = Pick<Worker, 'stream' | 'targets' | 'log' | 'signal' | 'lending'>

export function lifecycleContext({ stream, targets, log, signal }: Surroundings): LifecycleContext {
  return { stream: stream.name, signal, log, target: targets.collection as LifecycleContext['target'] }
}

/** What a handler gets beside the change. Made for each change: what costs something is made when it is looked at. */
export class ChangeContext implements Context, LendingContext {
  declare readonly session?: ClientSession
  readonly #around: Surroundings
  readonly #delivered: Delivered
  readonly #progress: Standing
  /** As it was when the change was handed over: it moves past this change once that is settled. */
  readonly #highest: string | null
  readonly #attempt: number
  #log: Log | undefined

  constructor(around: Surroundings, delivered: Delivered, progress: Standing, attempt: number) {
    this.#around = around
    this.#delivered = delivered
    this.#progress = progress
    this.#highest = progress.highest
    this.#attempt = attempt
  }

  get [lending](): Lending | undefined {
    return this.#around.lending
  }

  get stream(): string {
    return this.#around.stream.name
  }

  get token(): string {
    return this.#delivered.position.token
  }

  get clusterTime(): Timestamp {
    return this.#delivered.change.clusterTime
  }

  get attempt(): number {
    return this.#attempt
  }

  get replay(): boolean {
    return this.#progress.isReplay(this.token, this.#highest)
  }

  get backfill(): boolean {
    return this.#delivered.position.backfill !== undefined
  }

  get redelivered(): boolean | 'unknown' {
    return this.#progress.redelivered(this.#delivered.position, this.#highest)
  }

  get signal(): AbortSignal {
    return this.#around.signal
  }

  get log(): Log {
    return (this.#log ??= this.#around.log.child({ token: this.token, attempt: this.#attempt }))
  }

  /** A getter, so that it can be taken out of the context (`const { target } = context`) and costs nothing where it is not. */
  get target(): Context['target'] {
    return this.#around.targets.collection as Context['target']
  }

  get fence(): Fence {
    return Object.freeze({ stream: this.stream, epoch: this.#progress.claim.epoch, token: this.token })
  }
}
