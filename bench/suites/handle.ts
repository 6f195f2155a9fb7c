import type { Suite } from '../harness/suite.js'
import { node, onBacklog, peer } from './backlogRun.js'

const upserts = true

/** Each change is handled by an async function that awaits one upsert. */
export const handle: Suite = {
  name: 'handle',
  full: { changes: 10_000, oneByOne: 2000 },
  quick: { changes: 500, oneByOne: 200 },
  contenders: ({ changes = 0, oneByOne = 0 }) => [
    onBacklog('ours, w:1', node('ours', { mode: 'upsert', w: 1 }), changes, { upserts }),
    onBacklog('ours, majority', node('ours', { mode: 'upsert', w: 'majority' }), changes, { upserts }),
    onBacklog('the original, w:1', node('original', { w: 1 }), oneByOne, { upserts }),
    onBacklog('the original, majority', node('original', { w: 'majority' }), oneByOne, { upserts }),
    onBacklog('mongochangestream, one by one', peer('mongochangestream', { mode: 'upsert', batchSize: 1, w: 1 }), oneByOne, {
      upserts,
    }),
    onBacklog('Debezium, one by one', peer('debezium', { mode: 'upsert', w: 1 }), changes, { upserts }),
  ],
}
