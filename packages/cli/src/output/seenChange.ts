import type { SeenChange } from '@boletia/streams-core/admin'
import { clusterDate, formatTime } from './format.js'
import type { Redactor } from './redact.js'

/** A change as the JSON contract shows it; fields that the config's `redact` names are taken out. */
export function seenData({ clusterTime, token, operationType, documentKey, payload }: SeenChange, redactor: Redactor) {
  return {
    clusterTime: clusterDate(clusterTime),
    token,
    operationType,
    documentKey: redactor.document(documentKey),
    payload: redactor.document(payload),
  }
}

/** For people: a line, and with a payload a second one. */
export function seenCells({ clusterTime, operationType, documentKey }: SeenChange, redactor: Redactor): [string, string, string] {
  return [
    formatTime(clusterDate(clusterTime)),
    operationType,
    documentKey === null ? '-' : JSON.stringify(redactor.document(documentKey)),
  ]
}

export function payloadLine({ payload }: SeenChange, redactor: Redactor): string {
  return payload === null ? '' : `\n    ${JSON.stringify(redactor.document(payload))}`
}
