import { type CommandFailedEvent, type CommandStartedEvent, MongoClient } from 'mongodb'
import { type RunSummary, type StreamOptions, defineStream, runStream } from '../../src/index.js'
import type { TestDatabase } from '../../src/testing/index.js'

export type Source = { _id: number }

/** One command that wrote: to which collection, how many of its models, in which transaction (null: in none). */
export interface Wrote {
  readonly collection: string
  readonly models: number
  readonly transaction: number | null
}

const parts = { insert: 'documents', update: 'updates', delete: 'deletes' } as const
const isWriting = (name: string): name is keyof typeof parts => name in parts

type Project = NonNullable<StreamOptions<Source>['project']>
type Options = Partial<Omit<StreamOptions<Source>, 'handle' | 'project'>> & { readonly project: Project }

const define = (options: Options) =>
  defineStream<Source>({
    name: 's',
    watch: { collection: 'source' },
    targets: { target: { collection: 'target' } },
    retry: { attempts: 1 },
    ...options,
  })

/** Gives the stream a position, so that whatever is written from here on is a backlog, and batches are full. */
export async function anchored(place: TestDatabase): Promise<void> {
  await runStream(define({ project: () => [] }), { client: place.client, until: 'caught-up' }).done
}

/** So many changes, from `first` on, in one go. */
export async function backlog(place: TestDatabase, count: number, first = 0): Promise<void> {
  const documents = Array.from({ length: count }, (_, index) => ({ _id: first + index }))
  await place.db.collection<Source>('source').insertMany(documents, { writeConcern: { w: 'majority' } })
}

/** Works the backlog off; gives the commands that wrote, to the targets and to the state, and how the run ended. `refused` is called for each command that failed. */
export async function workedOff(
  place: TestDatabase,
  options: Options,
  refused: (event: CommandFailedEvent) => void = () => undefined,
): Promise<{ readonly wrote: Wrote[]; readonly summary: RunSummary | null; readonly error: unknown }> {
  const client = await new MongoClient(place.uri, { monitorCommands: true, appName: 'stream' }).connect()
  const wrote: Wrote[] = []
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    if (!isWriting(commandName)) return
    const inTransaction = command['autocommit'] === false
    wrote.push({
      collection: command[commandName] as string,
      models: (command[parts[commandName]] as unknown[]).length,
      transaction: inTransaction ? Number(command['txnNumber']) : null,
    })
  })
  client.on('commandFailed', refused)
  let summary: RunSummary | null = null
  let error: unknown = null
  try {
    summary = await runStream(define(options), { client, until: 'caught-up' }).done
  } catch (reason) {
    error = reason
  } finally {
    await client.close()
  }
  // Lease, sessions, heartbeats: not of the projection.
  return {
    wrote: wrote.filter(({ collection }) => collection !== 'stream.leases' && collection !== 'stream.history'),
    summary,
    error,
  }
}

/** The transactions in their order, each as the collections that it wrote, in their order, with the number of models. */
export function transactionsOf(wrote: readonly Wrote[]): string[][] {
  const all = new Map<number, string[]>()
  for (const { collection, models, transaction } of wrote) {
    if (transaction === null) continue
    const own = all.get(transaction) ?? []
    all.set(transaction, own)
    own.push(`${collection} ${models}`)
  }
  return [...all.values()]
}
