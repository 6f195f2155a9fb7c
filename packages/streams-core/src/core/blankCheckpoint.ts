import type { Checkpoint } from '../ports.js'

/** Of a stream of which nothing is saved. */
export const blankCheckpoint = {
  position: null,
  epoch: 0,
  rev: 0,
  fingerprint: null,
  uuid: null,
  highest: null,
  skipped: [],
  gaps: [],
  previous: null,
  owner: null,
  restarts: 0,
  inDoubt: false,
  lastError: null,
  paused: null,
  adopted: null,
  startedAt: null,
  updatedAt: null,
} satisfies Omit<Checkpoint, 'name'>
