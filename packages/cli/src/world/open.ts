import type { AdminOptions } from '@boletia/streams-core/admin'
import { StreamError, isStreamError } from '@boletia/streams-core/errors'
import type { MongoClient } from 'mongodb'
import type { App } from '../app.js'
import type { Config } from '../config/config.js'
import { discoverConfig, noConfig } from '../config/discover.js'
import { loadConfig } from '../config/load.js'
import { driverFailure } from './driverFailure.js'
import { type FoundUri, findUri, uriValue } from './findUri.js'
import { listenToSeeds, misfit, standalone } from './seeds.js'

/** What a command works on: the config, and MongoDB as reached. Disposing closes the connections. */
export interface World extends AsyncDisposable {
  readonly config: Config | null
  /** Absolute path of the config file, for messages. */
  readonly configFile: string | null
  readonly admin: AdminOptions
  /** The default connection's server time at the opening. */
  readonly serverTime: Date
}

// A connection under a name that no config can give, for a state that has a URI of its own.
const stateConnection = 'state (config)'

/**
 * Finds and loads the config, connects, and makes sure that the server is one that has change streams.
 * @throws {StreamError} CONFIG_NOT_FOUND (only when the config is `required`), CONFIG_INVALID, NO_URI, UNREACHABLE, NOT_A_REPLICA_SET, UNAUTHORISED
 */
export async function openWorld(app: App, needs: 'config required' | 'config optional'): Promise<World> {
  const { flags, env, cwd, terminal } = app
  const configFile = discoverConfig({ flag: flags.config, env, cwd })
  if (configFile === null && needs === 'config required') throw noConfig(cwd)
  const config = configFile === null ? null : await loadConfig(configFile)
  terminal.redactor.hideFields(config?.redact ?? [])

  const found = findUri({ flag: flags.uri, env, config })
  const clients = await connect(app, config, found)
  const main = clients['default'] as MongoClient
  const answered = listenToSeeds(main)
  const close = async () => void (await Promise.allSettled([...new Set(Object.values(clients))].map((client) => client.close())))
  try {
    const database = databaseOf(app, config)
    return {
      config,
      configFile,
      admin: {
        streams: config?.streams ?? [],
        redact: config?.redact ?? [],
        connections: clients,
        ...(database !== undefined && { database }),
        state: {
          ...(stateConnection in clients && { connection: stateConnection }),
          ...(config?.state?.database !== undefined && { database: config.state.database }),
          ...(config?.state?.collection !== undefined && { collection: config.state.collection }),
        },
      },
      serverTime: await timeOfReplicaSet(main),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    const failure = driverFailure(error)
    const asked = { uri: found.uri, setName: main.options.replicaSet }
    throw (isStreamError(failure, 'UNREACHABLE') && misfit(answered, asked, error)) || failure
  }
}

async function connect({ terminal }: App, config: Config | null, found: FoundUri): Promise<Record<string, MongoClient>> {
  // The driver takes a while to load: nobody waits for it before it is known that there is something to connect to.
  const { createClient } = await import('./clients.js')
  const { default: main, ...others } = config?.connections ?? {}
  const clients: Record<string, MongoClient> = {
    default: createClient(found.uri, main?.options ?? {}, found.source, terminal.redactor),
  }
  const uris = new Map([[found.uri, clients['default'] as MongoClient]])
  for (const [name, { uri, options }] of Object.entries(others)) {
    if (uri === undefined)
      throw new StreamError('CONFIG_INVALID', `the config’s connections.${name} has no uri`, {
        details: { why: 'Only the connection "default" may leave it out.' },
      })
    const value = uriValue(uri, `connections.${name}.uri`)
    clients[name] = createClient(value, options ?? {}, `the config’s connections.${name}.uri`, terminal.redactor)
    uris.set(value, clients[name])
  }
  if (config?.state?.uri !== undefined) {
    const value = uriValue(config.state.uri, 'state.uri')
    // The same server by the same client: effects and position fit into one transaction only then.
    clients[stateConnection] = uris.get(value) ?? createClient(value, {}, 'the config’s state.uri', terminal.redactor)
  }
  return clients
}

function databaseOf({ flags, warn }: App, config: Config | null): string | undefined {
  if (config?.database !== undefined && flags.db !== undefined && flags.db !== config.database) {
    warn(`--db ${flags.db} is not used: the config names the database ${config.database}`)
  }
  return config?.database ?? flags.db
}

async function timeOfReplicaSet(client: MongoClient): Promise<Date> {
  const hello = await client.db('admin').command({ hello: 1 })
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') throw standalone()
  return hello['localTime'] as Date
}
