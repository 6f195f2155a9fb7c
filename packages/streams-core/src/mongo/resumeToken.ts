import { Binary } from 'mongodb'
import type { Position } from '../core/position.js'
import { tokenTime } from '../core/tokenTime.js'

/** A resume token as the server sends it; `_typeBits` only where the document's key needs them. */
export interface ResumeTokenDocument {
  readonly _data: string
  readonly _typeBits?: Binary
}

/** The same as a client with `promoteBuffers` has it. */
type PromotedToken = Omit<ResumeTokenDocument, '_typeBits'> & { readonly _typeBits?: Binary | Uint8Array }

/** The position behind a token that this stream's own pipeline made. */
export function ownPosition(token: unknown): Position {
  const { _data, _typeBits } = token as PromotedToken
  return {
    token: _data,
    ...(_typeBits && { typeBits: Uint8Array.from(_typeBits instanceof Uint8Array ? _typeBits : _typeBits.value()) }),
    clusterTime: tokenTime(_data),
    by: 'own',
  }
}

export function resumeToken(position: Position): ResumeTokenDocument {
  return { _data: position.token, ...(position.typeBits && { _typeBits: new Binary(position.typeBits) }) }
}
