import type { Command } from 'commander'
import { parseCount } from '../input/number.js'
import { usage } from '../input/usage.js'
import { payloadLine, seenCells, seenData } from '../output/seenChange.js'
import { listenForSignals } from '../signals.js'
import { openWorld } from '../world/open.js'
import type { CommandModule } from './registry.js'

interface TailFlags {
  readonly limit?: string
  readonly payload?: true
  readonly output?: string
}

export const command: CommandModule<TailFlags> = {
  configure(tail: Command) {
    tail
      .argument('<name>', 'the stream')
      .option('-n, --limit <n>', 'end after so many changes')
      .option('--payload', 'the content too; what the config redacts stays out')
      .option('--output <format>', 'text, or jsonl: a JSON object a line (default: jsonl in a pipe)')
      .addHelpText(
        'after',
        '\nThe changes as they come, from now on, as the stream’s pipeline lets them out, until a signal. Nothing is touched, no handler is called.' +
          '\n\nExamples:\n  boletia-streams tail streamReserva\n  boletia-streams tail streamReserva --payload --output jsonl | jq .operationType',
      )
  },

  async run(app, [name = ''], { limit, payload, output }) {
    const max = limit === undefined ? Number.POSITIVE_INFINITY : parseCount(limit, '-n')
    if (output !== undefined && output !== 'text' && output !== 'jsonl')
      throw usage(`--output: "${output}" is none of text, jsonl`, 'Write for example --output jsonl.')
    const { terminal } = app
    const { redactor } = terminal
    const jsonl = terminal.json || (output ?? (process.stdout.isTTY ? 'text' : 'jsonl')) === 'jsonl'
    const { tail } = await import('@boletia/streams-core/admin')
    const gone = new AbortController()
    // `| head` has seen enough.
    process.stdout.once('error', () => gone.abort())
    using interruption = listenForSignals(() => undefined)
    await using world = await openWorld(app, 'config optional')
    const signal = AbortSignal.any([interruption.signal, gone.signal])
    const onOpen = () => terminal.say(`${name}: looking at what comes from now on`)
    let seen = 0
    for await (const change of tail(world.admin, name, { signal, payload: payload === true, onOpen })) {
      if (jsonl) terminal.document(seenData(change, redactor))
      else terminal.data(seenCells(change, redactor).join('  ') + payloadLine(change, redactor))
      seen += 1
      if (seen >= max) break
    }
    return { schema: 'tail', data: null, text: '', streamed: true }
  },
}
