import { decodeToken } from '../core/decodeToken.js'
import { type ClusterTime, type Position, compareTimes } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import type { Viewpoint } from '../mongo/look.js'
import { oplogWindow } from '../mongo/oplogWindow.js'
import { type ServerClock, serverClock } from '../mongo/serverClock.js'
import { StreamError, isStreamError } from '../streamError.js'
import { type Asked, askAgain } from './asked.js'
import { proveOpen } from './proveOpen.js'
import type { Registered, Registry } from './registry.js'
import type { Where } from './types.js'

/**
 * The position that an operator's words mean, proved by opening it.
 * @throws {StreamError} FUTURE_TIME, HISTORY_LOST, TOKEN_UNUSABLE, NOTHING_SAVED (no `prev`, or nothing saved to be relative to)
 */
export async function whereTo(all: Registry, registered: Registered, where: Where, asked: Asked = 'reset'): Promise<Position> {
  const { name, view, saved } = registered
  const position = await resolved()
  await proveOpen(name, view, position, asked)
  return position

  async function resolved(): Promise<Position> {
    const clock = await serverClock(view.namespace.client)
    switch (where.kind) {
      case 'earliest':
        return await earliest(registered, asked)
      case 'latest':
        return await anchor(registered, 'now')
      case 'time':
        return await atTime(where.time.getTime(), clock)
      case 'ago':
        return await atTime(clock.now.getTime() - where.ms, clock)
      case 'by':
        return await atTime(
          required(saved?.position ?? null, 'no position is saved that it could be relative to').clusterTime.t * 1000 + where.ms,
          clock,
        )
      case 'prev':
        return required(saved?.previous ?? null, 'no former position is kept: no operator has moved it yet', {
          place: 'prev',
          why: 'prev undoes the last move of its position, and there was none.',
        })
      case 'token':
        return fromToken(where.token, clock)
      case 'stream':
        return await fromStream(where.name)
    }
  }

  function required(position: Position | null, why: string, details: Readonly<Record<string, unknown>> = {}): Position {
    if (position !== null) return position
    throw new StreamError('NOTHING_SAVED', `stream ${name}: ${why}; see boletia-streams history ${name}`, {
      details: { stream: name, ...details },
    })
  }

  async function atTime(ms: number, { now }: ServerClock): Promise<Position> {
    if (ms > now.getTime()) throw future(new Date(ms), now)
    // Cluster times have whole seconds: from the second's first change on, so that none is left out.
    return await anchor(registered, { t: Math.max(1, Math.floor(ms / 1000)), i: 0 })
  }

  function fromToken(text: string, { now, lastWrite }: ServerClock): Position {
    // Tokens are compared as strings, in the upper case in which the server sends them.
    const token = text.toUpperCase()
    const { clusterTime } = decodeToken(token)
    const latest: ClusterTime = { t: Math.max(lastWrite.t, Math.floor(now.getTime() / 1000)), i: 0xffff_ffff }
    if (compareTimes(clusterTime, latest) > 0) throw future(new Date(clusterTime.t * 1000), now)
    return { token, clusterTime, by: 'foreign' }
  }

  async function fromStream(other: string): Promise<Position> {
    const found = await all.get(other)
    if (found.view.namespace.client !== view.namespace.client) {
      throw new StreamError(
        'TOKEN_UNUSABLE',
        `stream ${name}: ${other} watches another connection, and positions mean nothing there; give a time: ${askAgain(asked, name, '<time>')}`,
        {
          details: { stream: name, other },
        },
      )
    }
    const position = found.saved?.position
    if (!position)
      throw new StreamError(
        'NOTHING_SAVED',
        `stream ${other} has no saved position to take over; start it with boletia-streams run ${other}`,
        { details: { stream: other } },
      )
    // Its place among the documents is its own.
    const { backfill: _own, ...place } = position
    return { ...place, by: 'foreign' }
  }

  function future(time: Date, now: Date): StreamError {
    return new StreamError(
      'FUTURE_TIME',
      `stream ${name}: ${time.toISOString()} lies in the future (the server has ${now.toISOString()}); give a time that has passed, or latest`,
      {
        details: { stream: name, time, now },
      },
    )
  }
}

/** A position made by the stream's own pipeline; without a definition by another, which makes it foreign. */
async function anchor({ name, stream, view }: Registered, at: 'now' | ClusterTime): Promise<Position> {
  const position = await mongoChangeSource({ ...view, name }, view.namespace).anchor(at)
  return stream === null ? { ...position, by: 'foreign' } : position
}

/** The oplog loses its oldest entries while we look: tried again, a little further on each time. */
async function earliest(registered: Registered, asked: Asked): Promise<Position> {
  const { name, view } = registered
  for (let attempt = 0; ; attempt++) {
    const position = await anchor(registered, await oldest(name, view, asked, attempt))
    try {
      await proveOpen(name, view, position, asked)
      return position
    } catch (error) {
      if (attempt === 5 || !isStreamError(error, 'HISTORY_LOST')) throw error
    }
  }
}

async function oldest(name: string, { namespace }: Viewpoint, asked: Asked, attempt: number): Promise<ClusterTime> {
  const oplog = await oplogWindow(namespace.client)
  if (oplog === null) {
    throw new StreamError(
      'UNAUTHORISED',
      `stream ${name}: earliest needs to read local.oplog.rs; grant the role read on local, or give a time: ${askAgain(asked, name, '<time>')}`,
      {
        details: { stream: name },
      },
    )
  }
  // Just after the first entry: the server wants to see one before the place where it begins, else it cannot know that nothing is missing.
  const after = { t: oplog.first.t + attempt, i: oplog.first.i + 1 }
  return compareTimes(after, oplog.last) > 0 ? oplog.last : after
}
