import type { Document } from 'mongodb'
import type { Change } from '../../change.js'
import type { Context, Stream } from '../../stream.js'

/**
 * The same stream, whose handler gets each change twice in a row: what a crash between its work and the saved position does. An effect that is safe to
 * repeat ends as if it had got each once. It runs like any other, on a real server or in memory.
 */
export function twice<T extends Document>(stream: Stream<T>): Stream<T> {
  const { work } = stream
  if (work.kind === 'project') {
    return {
      ...stream,
      work: {
        kind: 'project',
        run(change, context) {
          const first = work.run(change, context) ?? []
          const second = work.run(change, context) ?? []
          return 'skipped' in first || 'skipped' in second ? second : [...first, ...second]
        },
      },
    }
  }
  return {
    ...stream,
    work: {
      kind: 'handle',
      async run(change, context) {
        await work.run(change, context)
        return await work.run(change, context)
      },
    },
  }
}

/** The same stream, that finds no document behind any update or replacement: what updateLookup gives when it was deleted meanwhile. */
export function withoutDocuments<T extends Document>(stream: Stream<T>): Stream<T> {
  const bare = (change: Change<T>): Change<T> =>
    change.operationType === 'update' || change.operationType === 'replace' ? { ...change, fullDocument: null } : change
  return { ...before(stream, bare), key: (change) => stream.key(bare(change)) }
}

/** The same stream, whose handler fails with what `error` returns for an attempt at a change; null: the attempt is made. */
export function failing<T extends Document>(
  stream: Stream<T>,
  error: (change: Change<T>, context: Context) => Error | null,
): Stream<T> {
  return before(stream, (change, context) => {
    const thrown = error(change, context)
    if (thrown !== null) throw thrown
    return change
  })
}

function before<T extends Document>(stream: Stream<T>, see: (change: Change<T>, context: Context) => Change<T>): Stream<T> {
  const { work } = stream
  if (work.kind === 'project')
    return { ...stream, work: { kind: 'project', run: (change, context) => work.run(see(change, context), context) } }
  return { ...stream, work: { kind: 'handle', run: async (change, context) => await work.run(see(change, context), context) } }
}
