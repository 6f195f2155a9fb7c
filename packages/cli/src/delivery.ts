import type { Redelivered, ReplayOptions } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { App } from './app.js'
import { progressBar } from './output/progressBar.js'

/** A plan that is carried out: by whom, on what, of how many. */
export interface Delivery {
  readonly verb: 'replay' | 'repair'
  readonly name: string
  readonly count: number
  readonly options: Pick<ReplayOptions, 'sideEffects' | 'signal' | 'log'>
}

/**
 * Delivers something again with a bar, and says what became of it. @throws {StreamError} HANDLER_FAILED when not everything could be done
 */
export async function deliver(
  app: App,
  { verb, name, count, options }: Delivery,
  work: (options: ReplayOptions) => Promise<Redelivered>,
): Promise<Redelivered> {
  using bar = progressBar(app.terminal, count)
  const done = await work({
    ...options,
    onProgress: ({ delivered, skipped, failed, leftOut }) => bar.update(delivered + skipped + failed + leftOut),
  })
  if (done.leftOut > 0)
    app.warn(
      `${name}: ${done.leftOut} left out, of keys with parked changes; put those back: ${app.again('dead-letters', 'redrive', name)}`,
    )
  if (done.failed > 0) throw partlyFailed(verb, name, done)
  const { complete, delivered, skipped } = done
  if (!app.terminal.json)
    app.terminal.say(
      `${complete ? 'Done' : 'Stopped before the end'}: ${delivered} delivered, ${skipped} skipped; the saved position of ${name} is untouched`,
    )
  return done
}

function partlyFailed(
  verb: Delivery['verb'],
  name: string,
  { delivered, skipped, failed, failures }: Redelivered,
): StreamError<'HANDLER_FAILED'> {
  const [first] = failures
  return new StreamError(
    'HANDLER_FAILED',
    `${verb} of ${name}: ${failed} failed or were held back behind a failed one; ${delivered} delivered, ${skipped} skipped`,
    {
      details: {
        stream: name,
        delivered,
        skipped,
        failed,
        why:
          first === undefined
            ? 'The logs above have the reason.'
            : `The first to fail was ${first.error} at ${first.token}; a key stops at its first failure.`,
      },
    },
  )
}
