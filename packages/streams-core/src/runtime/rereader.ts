import { compareTokens, type Position } from '../core/position.js'
import { StreamError, isStreamError } from '../streamError.js'
import type { ChangeReader, ChangeSource, Delivered, KeptLetter } from '../ports.js'
import { classify } from '../core/errorClass.js'

/**
 * The changes of letters, in their order: as they were kept, or from the oplog once more; an existing document as it is now. Null for one that
 * is not there any more.
 */
export function rereader(
  { existing }: Pick<ChangeSource, 'existing'>,
  open: (from: Position) => Promise<ChangeReader>,
  signal: AbortSignal,
): (letter: KeptLetter) => Promise<Delivered | null> {
  let reader: ChangeReader | null = null
  let ahead: Delivered[] = []

  async function find({ position }: KeptLetter): Promise<Delivered | null> {
    // At its time, because an own token opens behind its change.
    reader ??= await open({ ...position, token: '', by: 'foreign' })
    for (;;) {
      for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
        const order = compareTokens(next.position.token, position.token)
        if (order === 0) return next
        if (order < 0) continue
        ahead.unshift(next)
        return null
      }
      const read = await reader.next(signal)
      if (read.kind === 'invalidated') return null
      if (read.kind === 'changes') ahead = [...read.changes]
      else if (reader.reached !== null && compareTokens(reader.reached.token, position.token) >= 0) return null
    }
  }

  return async (letter) => {
    if (letter.change !== null) return { change: letter.change, position: letter.position, bytes: 0 }
    if (letter.position.backfill !== undefined) return await existing(letter.position)
    try {
      return await find(letter)
    } catch (error) {
      const found = classify(error)
      if (!isStreamError(error, 'HISTORY_LOST') && !(found.kind === 'fatal' && found.code === 'HISTORY_LOST')) throw error
      return null
    }
  }
}

/** The failure of a letter whose change the oplog has forgotten, or which the stream's pipeline no longer lets through. */
export function changeGone(stream: string, { token }: Position): StreamError<'HANDLER_FAILED'> {
  const cause = Object.assign(new Error('the oplog no longer holds the change, or the pipeline no longer matches it'), {
    name: 'ChangeGone',
  })
  return new StreamError('HANDLER_FAILED', `stream ${stream}: change ${token} cannot be read again: discard it`, {
    cause,
    details: { stream, token, attempts: 0 },
  })
}
