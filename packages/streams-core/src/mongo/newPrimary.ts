import type { MongoClient, TopologyDescriptionChangedEvent } from 'mongodb'

// One listener for each client, however many operations wait: Node warns of more than ten.
const watches = new WeakMap<MongoClient, Set<() => void>>()

/**
 * Calls back when the client's monitors see another primary than before: what was sent to the former one, and that one frozen, will get no answer.
 * Returns what ends it. https://github.com/mongodb/specifications/blob/master/source/server-discovery-and-monitoring/server-discovery-and-monitoring.md
 */
export function onNewPrimary(client: MongoClient, call: () => void): () => void {
  const calls = watches.get(client) ?? watch(client)
  calls.add(call)
  return () => void calls.delete(call)
}

function watch(client: MongoClient): Set<() => void> {
  const calls = new Set<() => void>()
  watches.set(client, calls)
  let last: string | null = null
  client.on('topologyDescriptionChanged', ({ previousDescription, newDescription }) => {
    last ??= primaryOf(previousDescription)
    const now = primaryOf(newDescription)
    if (now === null || now === last) return
    const moved = last !== null
    last = now
    if (moved) for (const each of calls) each()
  })
  return calls
}

function primaryOf({ servers }: TopologyDescriptionChangedEvent['newDescription']): string | null {
  return [...servers.values()].find(({ type }) => type === 'RSPrimary')?.address ?? null
}
