import { type CheckpointDocument, fromCheckpointDocument } from '../mongo/checkpointDocument.js'
import { fingerprint } from '../mongo/fingerprint.js'
import type { Viewpoint } from '../mongo/look.js'
import { type ResolvedPlaces, durableCollection, resolvePlaces } from '../mongo/places.js'
import { watchedNamespace } from '../mongo/watchedNamespace.js'
import type { Checkpoint } from '../ports.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import type { AdminOptions } from './types.js'

/** One stream as it is defined and as it is saved; at least one of the two. */
export interface Registered {
  readonly name: string
  readonly stream: Stream | null
  readonly saved: SavedCheckpoint | null
  /** Through what its changes are seen. Without a definition nobody knows: then the state's own collection, through which none passes. */
  readonly view: Viewpoint
  /** Of the definition; null without one. */
  readonly fingerprint: string | null
}

/** A checkpoint with what only operators need. */
export interface SavedCheckpoint extends Checkpoint {
  /** The last change of position, by whomever; the server's time. */
  readonly movedAt: Date | null
  /** Token at which the last operator's move put it. */
  readonly resetTo: string | null
  readonly pausedUntil: Date | null
  readonly pauseSeen: CheckpointDocument['pauseSeen']
}

export interface Registry {
  readonly places: ResolvedPlaces
  /** Every name of the definitions and of the saved state, sorted. */
  names(): Promise<readonly string[]>
  /** @throws {StreamError} UNKNOWN_STREAM for a name that is neither defined nor saved */
  get(name: string): Promise<Registered>
}

export function registry(options: AdminOptions): Registry {
  const places = resolvePlaces(options)
  const { client, database, collection } = places.state
  const checkpoints = durableCollection<CheckpointDocument>(client, database, collection)
  const defined = new Map(options.streams.map((stream) => [stream.name, stream]))

  async function names(): Promise<readonly string[]> {
    // Documents of the older Go service have an ObjectId for _id.
    // One without a token was forgotten: only its history, its epoch and its undo are left.
    const saved = await checkpoints
      .find({ _id: { $type: 'string' } as never, token: { $exists: true } }, { projection: { _id: 1 } })
      .toArray()
    return [...new Set([...defined.keys(), ...saved.map(({ _id }) => _id)])].sort()
  }

  return {
    places,
    names,

    async get(name) {
      const stream = defined.get(name) ?? null
      const document = await checkpoints.findOne({ _id: name })
      if (stream === null && document === null) {
        throw new StreamError(
          'UNKNOWN_STREAM',
          `no stream is called ${name}: it is neither defined nor saved in ${database}.${collection}; see boletia-streams list`,
          {
            details: { stream: name, known: await names() },
          },
        )
      }
      const namespace = stream === null ? { client, database, collection } : watchedNamespace(stream, places)
      return {
        name,
        stream,
        saved:
          document === null
            ? null
            : {
                ...fromCheckpointDocument(document),
                movedAt: document.movedAt ?? document.updatedAt ?? null,
                resetTo: document.resetTo ?? null,
                pausedUntil: document.pausedUntil ?? null,
                pauseSeen: document.pauseSeen ?? null,
              },
        view: {
          namespace,
          pipeline: stream?.pipeline ?? [{ $match: { operationType: 'none' } }],
          fullDocument: stream?.fullDocument ?? 'default',
          fullDocumentBeforeChange: stream?.fullDocumentBeforeChange ?? 'off',
        },
        fingerprint: stream === null ? null : fingerprint(stream, namespace),
      }
    },
  }
}
