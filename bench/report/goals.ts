import type { Lookup } from './lookup.js'

export interface Goal {
  readonly work: string
  readonly goal: string
  /** Null: not run. */
  readonly measured: (figures: Lookup) => number | null
  readonly unit: '×' | 'ms' | 'MB' | ''
  readonly reached: (value: number) => boolean
}

const atLeast = (limit: number) => (value: number) => value >= limit
const atMost = (limit: number) => (value: number) => value <= limit

const count = 'counts only, async handler, checkpoints on'
const once = 'exactly-once upserts'
const each = 'one async upsert a change'

const faster = (work: string, suite: string, above: string, limit: number, below: string, than = below): Goal => ({
  work,
  goal: `≥ ${limit} × ${than}`,
  measured: ({ ratio }) => ratio(suite, above, below, 'perSecond'),
  unit: '×',
  reached: atLeast(limit),
})

const latency = (rate: number): Goal[] => {
  const work = `latency at ${rate.toLocaleString('en-US')}/s`
  const of = ({ of }: Lookup, contender: string, measure: string) => of('latency', `${contender} at ${rate}/s`, measure)
  const p99 = (contender: string, limit: number): Goal => ({
    work,
    goal: `${contender.replace('ours, ', '')}: p99 ≤ ${limit} ms`,
    measured: (figures) => of(figures, contender, 'p99Ms'),
    unit: 'ms',
    reached: atMost(limit),
  })
  const both = (measure: string, combine: (ours: number, raw: number) => number) => (figures: Lookup) => {
    const ours = of(figures, 'ours, counts only', measure)
    const raw = of(figures, 'bare prefetch reader', measure)
    return ours === null || raw === null ? null : combine(ours, raw)
  }
  return [
    {
      work,
      goal: 'counts only: p50 ≤ the bare reader’s + 1 ms',
      measured: both('p50Ms', (ours, raw) => ours - raw),
      unit: 'ms',
      reached: atMost(1),
    },
    {
      work,
      goal: 'counts only: p99 ≤ 1 × the greater of 15 ms and twice the bare reader’s',
      measured: both('p99Ms', (ours, raw) => ours / Math.max(2 * raw, 15)),
      unit: '×',
      reached: atMost(1),
    },
    p99('ours, lanes', 20),
    p99('ours, exactly once', 75),
  ]
}

const shared = '64 streams, one shared cursor'

/** What the project set out to reach, each as a figure of one run. */
export const goals: readonly Goal[] = [
  faster(count, 'read', 'ours', 1.6, 'driver next()', 'the driver’s next()'),
  faster(count, 'read', 'ours', 0.9, 'bare prefetch reader', 'the bare prefetch reader'),
  faster(count, 'read', 'ours', 2, 'mongochangestream'),
  faster(count, 'read', 'ours', 3.5, 'Debezium'),
  faster(`${count}, the driver’s stream`, 'read', 'ours, the driver’s stream', 0.85, 'driver next()', 'the driver’s next()'),
  faster(once, 'project', 'ours, exactly once', 60, 'the original'),
  faster(once, 'project', 'ours, exactly once', 1, 'ours, at least once in bulk'),
  faster(once, 'project', 'ours, exactly once', 1.4, 'mongochangestream, bulk of 500'),
  faster(once, 'project', 'ours, exactly once', 2, 'Debezium, bulk'),
  faster(once, 'project', 'ours, exactly once', 0.8, 'plain bulkWrite, no stream'),
  {
    work: 'exactly once beside 1,000 writes/s',
    goal: 'goes on: more than 0 changes/s',
    measured: ({ of }) => finiteOrZero(of('contended', 'ours, exactly once', 'perSecond')),
    unit: '',
    reached: (value) => value > 0,
  },
  {
    work: 'exactly once beside 1,000 writes/s',
    goal: 'no error for the writers',
    measured: ({ of }) => of('contended', 'ours, exactly once', 'writersFailed'),
    unit: '',
    reached: atMost(0),
  },
  faster(each, 'handle', 'ours, w:1', 4, 'the original, w:1'),
  faster(each, 'handle', 'ours, majority', 6, 'the original, majority'),
  faster(each, 'handle', 'ours, w:1', 1.6, 'Debezium, one by one'),
  ...latency(1000),
  ...latency(5000),
  {
    work: '64 streams on a collection',
    goal: 'each ≥ 0.6 × a lone one',
    measured: ({ ratio }) => ratio('streams', shared, '1 stream', 'changesPerSecond'),
    unit: '×',
    reached: atLeast(0.6),
  },
  {
    work: '64 streams on a collection',
    goal: 'mongod’s processor time ≤ 1.2 × one stream’s',
    measured: ({ ratio }) => ratio('streams', shared, '1 stream', 'serverMicrosEach'),
    unit: '×',
    reached: atMost(1.2),
  },
  {
    work: '64 streams on a collection',
    goal: '≥ 30 × own cursors',
    measured: ({ ratio }) => ratio('streams', shared, '64 streams, own cursors', 'deliveriesPerSecond'),
    unit: '×',
    reached: atLeast(30),
  },
  {
    work: 'memory, a backlog of a million',
    goal: '≤ 130 MB resident at the peak',
    measured: ({ of }) => of('memory', 'ours', 'rssMb'),
    unit: 'MB',
    reached: atMost(130),
  },
  {
    work: 'memory, a slow handler',
    goal: 'flat: ≤ 10 MB more in the last quarter than in the second',
    measured: ({ of }) => of('memory', 'ours, slow handler', 'growthMb'),
    unit: 'MB',
    reached: atMost(10),
  },
  {
    work: 'restart',
    goal: '≤ 2 × the bare reader to the first change',
    measured: ({ ratio }) =>
      ratio('startup', 'restart with a backlog: ours', 'restart with a backlog: bare prefetch reader', 'ms'),
    unit: '×',
    reached: atMost(2),
  },
  {
    work: 'restart',
    goal: 'an idle stream in a busy cluster: ≤ 100 ms',
    measured: ({ of }) => of('startup', 'restart of an idle stream in a busy cluster: ours', 'ms'),
    unit: 'ms',
    reached: atMost(100),
  },
  ...[
    ['--version', 150],
    ['list, JavaScript config', 600],
  ].map(([command, limit]): Goal => ({
    work: 'start of the command',
    goal: `boletia-streams ${command}: ≤ ${limit} ms`,
    measured: ({ of }) => of('startup', `boletia-streams ${command}`, 'ms'),
    unit: 'ms',
    reached: atMost(Number(limit)),
  })),
]

/** One that stood still has made no progress. */
const finiteOrZero = (value: number | null) => (value === null || Number.isFinite(value) ? value : 0)
