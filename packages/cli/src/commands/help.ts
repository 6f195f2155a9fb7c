import type { Command } from 'commander'
import { didYouMean } from '../input/didYouMean.js'
import { usage } from '../input/usage.js'
import { topics } from '../help/topics.js'
import { helpOf, overview } from '../program.js'
import { type CommandModule, registry } from './registry.js'

export const command: CommandModule = {
  configure(help: Command) {
    help.argument('[topic...]', `a command, or one of ${Object.keys(topics).join(', ')}`)
  },
  async run(_app, args) {
    const topic = args.join(' ')
    const text = topic === '' ? overview() : (topics[topic] ?? (await helpOf(topic)))
    if (text === null) throw unknownTopic(topic)
    return { schema: 'help', data: { topic: topic === '' ? null : topic, text }, text }
  },
}

function unknownTopic(topic: string): Error {
  const known = [...registry.map(({ name }) => name), ...Object.keys(topics)]
  const suggestion = didYouMean(topic, known)
  return usage(
    `there is no help on "${topic}"${suggestion === null ? '' : `; did you mean ${suggestion}?`}`,
    `Help is on every command, and on ${Object.keys(topics).join(', ')}.`,
  )
}
