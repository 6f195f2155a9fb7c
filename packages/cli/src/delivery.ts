import type { Counted, Redelivered, ReplayOptions } from '@boletia/streams-core/admin'
import { StreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App } from './app.js'
import { progressBar } from './output/progressBar.js'

/** What a replay and a repair are told alike. */
export interface DeliveryFlags {
  readonly limit?: string
  readonly rate?: string
  readonly sideEffects?: true
  readonly execute?: true
  readonly yes?: true
  readonly logLevel?: string
  readonly logFormat?: string
}

/** Adds their options; `first`: what `--limit` counts. */
export function deliveryOptions(command: Command, first: string): Command {
  return command
    .option('--limit <n>', `the first n ${first}`)
    .option('--rate <n/s>', 'at most so many: 50/s, 100/m, 1000/h')
    .option('--side-effects', 'also call a handler that declares onReplay: "skip" (mail)')
    .option('--execute', 'deliver them')
    .option('--yes', 'do not ask before')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: LOG_LEVEL, the config’s, info)')
    .option('--log-format <format>', 'json or pretty (default: pretty on a terminal)')
}

/**
 * Whether there is nothing to deliver; said then, for the whole of a range is no selection. `selectors`: what the call chose by.
 * @throws {StreamError} EMPTY_SELECTION for a choice that finds nothing
 */
export function isEmpty(
  app: App,
  {
    verb,
    name,
    plan,
    selectors,
  }: Pick<Delivery, 'verb' | 'name'> & { readonly plan: Counted; readonly selectors: readonly string[] },
): boolean {
  // Counting may have been given up before the first one was found.
  if (plan.count > 0 || !plan.exact) return false
  const what = verb === 'replay' ? 'change' : 'document'
  if (selectors.length === 0) {
    app.terminal.say(`${name}: there is no ${what} to deliver; nothing was done.`)
    return true
  }
  throw new StreamError(
    'EMPTY_SELECTION',
    `stream ${name}: no ${what} is what ${selectors.join(' and ')} choose${selectors.length === 1 ? 's' : ''}`,
    {
      details: { stream: name, why: 'The options of the call choose nothing. Nothing was done.' },
    },
  )
}

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
