import type { Command } from 'commander'
import { completionScript, shells } from '../help/completion.js'
import { usage } from '../input/usage.js'
import { describeCommands } from '../program.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(completion: Command) {
    completion
      .argument('<shell>', shells.join(', '))
      .addHelpText(
        'after',
        '\nPrints a script that completes commands and options.' +
          '\n\nExamples:\n  source <(boletia-streams completion bash)\n  boletia-streams completion zsh > "${fpath[1]}/_boletia-streams"\n  boletia-streams completion fish > ~/.config/fish/completions/boletia-streams.fish',
      )
  },

  async run(_app, [shell = '']) {
    const known = shells.find((name) => name === shell)
    if (known === undefined)
      throw usage(`completion: "${shell}" is none of ${shells.join(', ')}`, 'Write for example completion bash.')
    const script = completionScript(known, await describeCommands())
    return { schema: 'completion', data: { shell: known, script }, text: script }
  },
}
