import type { StreamStatus } from '@boletia/streams-core/admin'
import { formatDuration } from './format.js'

type Distances = Pick<StreamStatus, 'state' | 'position' | 'lagMs' | 'headroomMs' | 'backfill'>

/** The lag for people; where there is none to tell, why: a monitor that does not know must not look like one that is content. */
export function lagText({ state, position, lagMs, headroomMs, backfill }: Distances): string {
  if (lagMs !== null) return lagMs === 0 ? 'none, caught up' : formatDuration(lagMs)
  if (position === null) return 'unknown: nothing is saved'
  if (state === 'orphan') return 'unknown: what it watches is not in the config'
  if (headroomMs === 0) return 'unknown: what follows its position is lost'
  if (backfill?.state === 'scanning') return 'unknown until the existing documents are done'
  return 'not known in time: the server was still searching after a second, or may not be asked'
}

export function headroomText({ position, headroomMs }: Distances): string {
  if (headroomMs === 0) return 'none: the oplog has forgotten the position'
  if (headroomMs !== null) return `${formatDuration(headroomMs)} until the oplog forgets the position`
  return position === null ? 'unknown: nothing is saved' : 'unknown: the oplog may not be read, or does not tell'
}
