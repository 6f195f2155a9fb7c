import type { Stream } from '@boletia/streams-core'
import { isStreamError } from '@boletia/streams-core/errors'
import type { Command } from 'commander'
import type { App } from '../app.js'
import type { Config } from '../config/config.js'
import { findConfig } from '../config/find.js'
import { table } from '../output/table.js'
import { findUri, uriValue } from '../world/findUri.js'
import type { CommandModule } from './registry.js'

export const command: CommandModule = {
  configure(show: Command) {
    show.addHelpText(
      'after',
      '\nThe config as it is understood: where MongoDB is and who says so, where positions are kept, each stream. Passwords are masked. Nothing is connected to.' +
        '\n\nExamples:\n  boletia-streams config show\n  boletia-streams config show --json',
    )
  },

  async run(app) {
    const { file, config } = await findConfig(app)
    const uri = addressOf(app, config)
    const hidden = (value: string) => {
      app.terminal.redactor.hideUri(value)
      return value
    }
    const data = {
      file,
      uri: uri && { value: hidden(uri.uri), source: uri.source },
      database: config.database ?? app.flags.db ?? null,
      state: {
        uri: config.state?.uri === undefined ? null : hidden(uriValue(config.state.uri, 'state.uri')),
        database: config.state?.database ?? config.database ?? app.flags.db ?? null,
        collection: config.state?.collection ?? 'stream',
      },
      connections: Object.entries(config.connections ?? {}).map(([name, { uri: own, options }]) => ({
        name,
        uri: own === undefined ? null : hidden(uriValue(own, `connections.${name}.uri`)),
        options: Object.keys(options ?? {}),
      })),
      streams: config.streams.map((stream) => streamData(app, stream as unknown as Stream)),
      redact: config.redact ?? [],
      logLevel: config.log?.level ?? null,
      http: config.http ?? null,
    }
    const rows = [
      ['file', file],
      ['uri', data.uri === null ? 'nobody says where MongoDB is' : `${data.uri.value}   (${data.uri.source})`],
      ['database', data.database ?? 'the one in the uri'],
      [
        'positions',
        `${data.state.database ?? 'the database in the uri'}, collection ${data.state.collection}${data.state.uri === null ? '' : `, at ${data.state.uri}`}`,
      ],
      ...data.connections.map(({ name, uri: own, options }) => [
        `connection ${name}`,
        `${own ?? ''} ${options.length === 0 ? '' : `options ${options.join(', ')}`}`.trim(),
      ]),
      ['redact', data.redact.join(', ') || '-'],
      ['log level', data.logLevel ?? 'info'],
      ['http', data.http ?? '-'],
      ...data.streams.map(({ name, work, watch, targets }) => [
        name,
        `${work}s ${watch.database ?? ''}${watch.database === null ? '' : '.'}${watch.collection ?? '(all collections)'}${Object.keys(targets).length === 0 ? '' : ` into ${Object.keys(targets).join(', ')}`}`,
      ]),
    ]
    return { schema: 'config.show', data, text: table(rows) }
  },
}

/** None is no failure here: that there is none is what somebody may want to see. */
function addressOf({ flags, env }: App, config: Config): { uri: string; source: string } | null {
  try {
    return findUri({ flag: flags.uri, env, config })
  } catch (error) {
    if (isStreamError(error, 'NO_URI')) return null
    throw error
  }
}

/** As Extended JSON has them: JSON itself refuses a BigInt. */
const long = (_key: string, value: unknown) => (typeof value === 'bigint' ? { $numberLong: String(value) } : value)

function streamData({ terminal }: App, stream: Stream) {
  const { name, watch, pipeline, work, fullDocument, onError, onReplay, onInvalidate, targets } = stream
  return {
    name,
    watch,
    pipeline: terminal.redactor.document(JSON.parse(JSON.stringify(pipeline, long)) as unknown[]),
    work: work.kind,
    fullDocument,
    onError,
    onReplay,
    onInvalidate,
    targets: Object.fromEntries(
      Object.entries(targets).map(([alias, { connection, database, collection }]) => [
        alias,
        { connection, database, collection },
      ]),
    ),
  }
}
