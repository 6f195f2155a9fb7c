import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { configNames } from '../config/discover.js'
import { usage } from '../input/usage.js'
import { sampleFiles } from '../sample.js'
import type { CommandModule } from './registry.js'

// What a project of the sample's needs.
const packages = ['boletia-streams', '@boletia/streams-core', 'mongodb']

export const command: CommandModule = {
  configure(init: Command) {
    init
      .argument('[folder]', 'where (default: here)')
      .addHelpText(
        'after',
        '\nWrites boletia-streams.config.ts and a sample stream; nothing that exists is overwritten.' +
          '\n\nExamples:\n  boletia-streams init\n  boletia-streams init services/streams',
      )
  },

  async run(app, [given = '.']) {
    const folder = path.resolve(app.cwd, given)
    // Beside a config of another ending, one of the two would be read and the other not.
    const taken = [...new Set([...configNames, ...Object.keys(sampleFiles)])].filter((file) =>
      existsSync(path.join(folder, file)),
    )
    if (taken.length > 0)
      throw usage(
        `init: ${taken.join(' and ')} ${taken.length === 1 ? 'exists' : 'exist'} already in ${folder}`,
        'Nothing was written. Name another folder: boletia-streams init <folder>.',
      )
    for (const [file, content] of Object.entries(sampleFiles)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
      // Somebody may have made it meanwhile.
      await writeFile(path.join(folder, file), content, { flag: 'wx' })
    }
    const missing = packages.filter((name) => !isInstalled(name, folder))
    const next = [
      ...(folder === app.cwd ? [] : [`cd ${path.relative(app.cwd, folder)}`]),
      ...(missing.length === 0 ? [] : [`npm install ${missing.join(' ')}`]),
      "export MONGODB_URI='mongodb://127.0.0.1:27017/example?replicaSet=rs0'",
      'npx boletia-streams run orderLines',
    ]
    app.terminal.say(
      [
        ...Object.keys(sampleFiles).map((file) => `wrote ${path.join(given, file)}`),
        ...next.map((line, index) => `${index === 0 ? 'next' : '    '}   ${line}`),
      ].join('\n'),
    )
    return { schema: 'init', data: { folder, files: Object.keys(sampleFiles), next }, text: '' }
  },
}

/** In the folder, or in one above it, where Node looks for it too. */
function isInstalled(name: string, folder: string): boolean {
  const above = path.dirname(folder)
  return existsSync(path.join(folder, 'node_modules', name, 'package.json')) || (above !== folder && isInstalled(name, above))
}
