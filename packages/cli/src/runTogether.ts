import type { RunHandle, RunSummary, Stream } from '@boletia/streams-core'
import { isStreamError } from '@boletia/streams-core/errors'
import type { Logger } from 'pino'

export interface TogetherOptions {
  readonly signal: AbortSignal
  /** True: a failure stops only its own stream. */
  readonly keepGoing: boolean
  readonly log: Logger
  start(stream: Stream, signal: AbortSignal): RunHandle
}

/**
 * Runs streams side by side until all have ended. The first that fails drains the others, unless `keepGoing`.
 * @throws the first failure, after all have ended: its exit code is the process's.
 */
export async function runTogether(
  streams: readonly Stream[],
  { signal, keepGoing, log, start }: TogetherOptions,
): Promise<RunSummary[]> {
  const drain = new AbortController()
  const either = AbortSignal.any([signal, drain.signal])
  const failures: unknown[] = []
  const runs = streams.map(async (stream): Promise<RunSummary | null> => {
    try {
      const summary = await start(stream, either).done
      const { handled, skipped, reason } = summary
      log.info({ stream: stream.name, handled, skipped, reason }, `${stream.name} ended`)
      return summary
    } catch (error) {
      failures.push(error)
      // The first one is reported at the end; the others would otherwise vanish, and with keepGoing the end may be days away.
      if (keepGoing || failures.length > 1)
        log.error(
          { stream: stream.name, code: isStreamError(error) ? error.code : 'INTERNAL', err: error },
          `${stream.name} failed`,
        )
      if (!keepGoing) drain.abort(new Error(`${stream.name} failed`))
      return null
    }
  })
  const ended = await Promise.all(runs)
  if (failures.length > 0) throw failures[0]
  return ended.filter((summary) => summary !== null)
}
