import type { Position } from '@boletia/streams-core'
import { clusterDate, formatTime, shortToken } from './format.js'

/** A position as the JSON contract shows it: the token whole, the time in full seconds. */
export function positionData(position: Position): { readonly clusterTime: Date; readonly token: string }
export function positionData(position: Position | null): { readonly clusterTime: Date; readonly token: string } | null
export function positionData(position: Position | null): { readonly clusterTime: Date; readonly token: string } | null {
  return position === null ? null : { clusterTime: clusterDate(position.clusterTime), token: position.token }
}

/** For people: the time, and enough of the token to recognise it. */
export function positionText(position: Position | null): string {
  return position === null ? '-' : `${formatTime(clusterDate(position.clusterTime))}   ${shortToken(position.token)}`
}
