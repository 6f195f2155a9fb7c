import { failureClass } from '../core/failureClass.js'
import type { Delivered, NewLetter } from '../ports.js'
import type { Stream } from '../stream.js'
import { attempts } from './attempts.js'
import type { Piece } from './batch.js'
import { ChangeContext, type Standing } from './changeContext.js'
import { handlerFailed } from './faults.js'
import { isSkip, retrying } from './handler.js'
import { checkedWrites, delivering } from './projection.js'
import { timing } from './timing.js'
import type { Worker } from './worker.js'

type ProjectWork = Extract<Stream['work'], { kind: 'project' }>
export type Projecting = Pick<Worker, 'stream' | 'targets' | 'clock' | 'observer' | 'signal' | 'log' | 'passing'>

/** What the stream's projection asks to be written for a change. */
export interface Pieces {
  /** @throws whatever the projection throws, INVALID_STREAM for what it may not return */
  first(delivered: Delivered, attempt?: number): Piece
  /** After a first attempt that threw `error`. Rejects with HANDLER_FAILED when the attempts are used up. */
  again(delivered: Delivered, error: unknown): Promise<Piece>
  /** Of a change that is put aside. */
  aside(delivered: Delivered, letter: NewLetter): Piece
}

export function pieceOf(worker: Projecting, progress: Standing): Pieces {
  const { stream, targets, clock, signal, passing } = worker
  const work = stream.work as ProjectWork
  const attempted = timing(worker)

  const none = (delivered: Delivered, began: number): Piece => ({
    delivered,
    writes: [],
    way: delivering(stream, [], targets.besideCheckpoint),
    skipped: false,
    began,
  })

  function first(delivered: Delivered, attempt = 1): Piece {
    const began = clock.now()
    const nothing = { ...none(delivered, began), skipped: true }
    if (stream.onReplay === 'skip' && progress.isReplay(delivered.position.token)) return nothing
    passing('handler.begun')
    const returned = projected(delivered, attempt) ?? []
    passing('handler.done')
    if (isSkip(returned)) return nothing
    const writes = checkedWrites(stream, returned)
    return { delivered, writes, way: delivering(stream, writes, targets.besideCheckpoint), skipped: false, began }
  }

  function projected(delivered: Delivered, attempt: number): ReturnType<ProjectWork['run']> {
    const context = new ChangeContext(worker, delivered, progress, attempt)
    if (attempted === null) return work.run(delivered.change, context)
    const began = clock.now()
    try {
      return work.run(delivered.change, context)
    } finally {
      attempted(began)
    }
  }

  return {
    first,
    aside: (delivered, letter) => ({ ...none(delivered, clock.now()), letter }),
    async again(delivered, error) {
      let made = 1
      try {
        return await attempts(async (attempt) => first(delivered, (made = attempt)), {
          retry: stream.retry,
          signal,
          first: error,
          onFailed: (reason, attempt) => retrying(worker, delivered, reason, attempt),
          isFinal: (reason) => failureClass(reason, stream.classify) !== 'transient',
        })
      } catch (reason) {
        if (signal.aborted && reason === signal.reason) throw reason
        throw handlerFailed(reason, stream.name, delivered.position, made)
      }
    },
  }
}
