import type { Suite } from '../harness/suite.js'
import { node, onBacklog, peer } from './backlogRun.js'

/** A backlog of inserts, counted. */
export const read: Suite = {
  name: 'read',
  full: { changes: 90_000 },
  quick: { changes: 5000 },
  contenders: ({ changes = 0 }) => [
    onBacklog('ours', node('ours', { mode: 'count' }), changes),
    onBacklog('ours, the driver’s stream', node('ours', { mode: 'count', reader: 'driver' }), changes),
    onBacklog('driver next()', node('driver'), changes),
    onBacklog('bare prefetch reader', node('prefetch'), changes),
    onBacklog('mongochangestream', peer('mongochangestream', { mode: 'count', batchSize: 500 }), changes),
    onBacklog('Debezium', peer('debezium', { mode: 'count' }), changes),
  ],
}
