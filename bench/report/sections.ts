import type { Sizes } from '../harness/types.js'

export interface Column {
  readonly measure: string
  readonly head: string
  readonly unit?: string
  /** For a run that gave no figure. */
  readonly without?: (sizes: Sizes) => string
}

/** A table of the README: a suite, its columns, and against whom its contenders are set. */
export interface Section {
  readonly suite: string
  readonly title: string
  readonly text: (sizes: Sizes) => string
  readonly columns: readonly Column[]
  readonly ratio?: { readonly to: string; readonly head: string; readonly measure: string }
}

const number = (value: number | undefined) => (value ?? 0).toLocaleString('en-US')
const perSecond: Column = { measure: 'perSecond', head: 'changes/s' }
const cost: readonly Column[] = [
  { measure: 'cpuMicrosEach', head: 'own CPU, µs each' },
  { measure: 'serverMicrosEach', head: 'mongod CPU, µs each' },
  { measure: 'rssMb', head: 'peak RSS, MB' },
]

export const sections: readonly Section[] = [
  {
    suite: 'read',
    title: 'Read and count',
    text: ({ changes }) => `A backlog of ${number(changes)} inserts of about 550 bytes each, counted.`,
    columns: [perSecond, ...cost],
    ratio: { to: 'driver next()', head: '× next()', measure: 'perSecond' },
  },
  {
    suite: 'project',
    title: 'Exactly-once upserts',
    text: ({ changes, oneByOne }) =>
      `Each change becomes one upsert into another collection; majority writes. A backlog of ${number(changes)} (the original: ${number(oneByOne)}).`,
    columns: [perSecond, ...cost],
    ratio: { to: 'the original', head: '× the original', measure: 'perSecond' },
  },
  {
    suite: 'contended',
    title: 'Exactly once beside other writers',
    text: ({ changes, oneByOne, writesPerSecond }) =>
      `Each change increments one of 2,000 documents, of which others write 200, ${number(writesPerSecond)} majority writes/s all the time. ` +
      `A backlog of ${number(changes)} (the original: ${number(oneByOne)}). The sum is checked.`,
    columns: [
      { ...perSecond, without: () => '–' },
      { measure: 'writersPerSecond', head: 'others’ writes/s' },
      { measure: 'writersP99Ms', head: 'their p99, ms' },
      { measure: 'writersFailed', head: 'their errors' },
    ],
  },
  {
    suite: 'handle',
    title: 'One async upsert a change',
    text: ({ changes, oneByOne }) =>
      `The handler awaits one upsert. A backlog of ${number(changes)} (those that go one by one in Node: ${number(oneByOne)}).`,
    columns: [perSecond, ...cost],
    ratio: { to: 'the original, majority', head: '× the original, majority', measure: 'perSecond' },
  },
  {
    suite: 'latency',
    title: 'Latency, write → handled',
    text: ({ seconds, warm }) =>
      `Live, majority writers, ${seconds} s of which the first two fifths are not counted; each reader has worked off ${warm} changes before. Handled: counted, upserted (w:1), or committed.`,
    columns: [
      { measure: 'p50Ms', head: 'p50, ms', without: () => 'saturated' },
      { measure: 'p99Ms', head: 'p99, ms', without: () => 'saturated' },
      { measure: 'writtenPerSecond', head: 'written/s' },
    ],
  },
  {
    suite: 'streams',
    title: 'Many streams on one collection',
    text: () => 'All in one process, each counting every change.',
    columns: [
      { measure: 'deliveriesPerSecond', head: 'deliveries/s' },
      { measure: 'changesPerSecond', head: 'of each stream' },
      { measure: 'serverMicrosEach', head: 'mongod CPU, µs a change' },
      { measure: 'rssMb', head: 'peak RSS, MB' },
    ],
  },
  {
    suite: 'memory',
    title: 'Memory',
    text: ({ changes, slowMs, slowForMs }) =>
      `A backlog of ${number(changes)} documents of an _id alone (events of about 280 bytes); the slow handler takes ${slowMs} ms a change and is looked at for ${(slowForMs ?? 0) / 1000} s.`,
    columns: [
      { measure: 'rssMb', head: 'peak RSS, MB' },
      { measure: 'growthMb', head: 'growth, MB', without: () => '–' },
      { ...perSecond, without: () => '–' },
    ],
  },
  {
    suite: 'startup',
    title: 'Start-up',
    text: ({ behind, busy }) =>
      `The command from start to end. A stream from its start (the client is connected) to its first change: ${number(behind)} changes behind, or idle while ` +
      `${number(busy)} were written elsewhere.`,
    columns: [{ measure: 'ms', head: 'ms' }],
  },
  {
    suite: 'failover',
    title: 'Failover',
    text: () =>
      'kill -9 of the primary of three nodes: from the first majority write that was acknowledged afterwards to its being handled (outage: from the kill to that acknowledgement).',
    columns: [
      { measure: 'gapMs', head: 'handled after, ms', without: ({ boundMs }) => `not within ${(boundMs ?? 0) / 1000} s` },
      { measure: 'outageMs', head: 'outage, ms' },
    ],
  },
]
