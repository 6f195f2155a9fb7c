import type { Suite } from '../harness/suite.js'
import { node, onBacklog, peer } from './backlogRun.js'

const upserts = true

/** Each change becomes one upsert into another collection, in which nobody else writes. All writes are majority writes. */
export const project: Suite = {
  name: 'project',
  full: { changes: 60_000, oneByOne: 1500 },
  quick: { changes: 5000, oneByOne: 200 },
  contenders: ({ changes = 0, oneByOne = 0 }) => [
    onBacklog('ours, exactly once', node('ours', { mode: 'project' }), changes, { upserts }),
    onBacklog('ours, at least once in bulk', node('ours', { mode: 'project_bulk' }), changes, { upserts }),
    onBacklog('the original', node('original', { w: 'majority' }), oneByOne, { upserts }),
    onBacklog('plain bulkWrite, no stream', node('bulkWrites'), changes, { upserts }),
    onBacklog('mongochangestream, bulk of 500', peer('mongochangestream', { mode: 'bulk', batchSize: 500 }), changes, {
      upserts,
    }),
    onBacklog('Debezium, bulk', peer('debezium', { mode: 'bulk' }), changes, { upserts }),
  ],
}
