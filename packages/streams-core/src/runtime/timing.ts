import type { Worker } from './worker.js'

/** Tells the observer how long an attempt was in the handler, since `began`. */
export type Timing = (began: number) => void

/** Null when nobody asks: then no clock is read either. */
export function timing({ observer, stream, clock }: Pick<Worker, 'observer' | 'stream' | 'clock'>): Timing | null {
  const { attempted } = observer
  if (attempted === undefined) return null
  return (began) => {
    try {
      attempted.call(observer, stream.name, clock.now() - began)
    } catch {
      // Watching is not part of the work.
    }
  }
}
