// What every contender does: it takes its order, says how far it is, and goes away with its parent.

/** What a contender is asked for; the fields that a program does not know mean nothing to it. */
export interface Order {
  readonly uri: string
  readonly database: string
  /** Where to begin: before the first document (harness/backlog.ts). */
  readonly seconds: number
  readonly token: string
  /** How many changes there will be, of all streams together. */
  readonly count: number
  /** How many changes come before those that are measured, without `sentAt`. */
  readonly warm?: number
  /** `throughput`: timed from the first change to nine tenths; `latency`: from writing to handled; `seen`: each id is said at once. */
  readonly measure: 'throughput' | 'latency' | 'seen'
  readonly mode?: string
  readonly w?: 1 | 'majority'
  readonly streams?: number
  readonly reader?: 'own' | 'shared' | 'driver'
  /** A handler that waits so long for each change. */
  readonly slowMs?: number
}

export const order = JSON.parse(process.argv[2]!) as Order

/** Its parent kills it, or has died. */
process.stdin.resume().once('end', () => process.exit(3))

/** One line on stdout; to a pipe it is written before this returns. */
export const say = (event: string, figures: object = {}) => console.log(JSON.stringify({ event, ...figures }))

export const wallMs = () => performance.timeOrigin + performance.now()

/** Says that this contender does not exist in this version, and ends. */
export function notRun(why: string): never {
  say('not-run', { why })
  process.exit(0)
}

interface Written {
  readonly _id?: unknown
  /** Milliseconds of the wall clock, a double: when it was sent. */
  readonly sentAt?: number
}

/** To be called with each handled change's document, if there is one, in the measure that the order wants. */
export function handled(): (document?: Written | null) => void {
  if (order.measure === 'seen') return (document) => say('seen', { id: document?._id, at: wallMs() })
  return order.measure === 'latency' ? latency(order.count) : throughput(order.count)
}

/** The last tenth is untimed: a getMore does not return before its batch is full or the oplog ends. */
function throughput(count: number): () => void {
  const timedAt = Math.ceil(count * 0.9)
  let sofar = 0
  let began = 0
  return () => {
    sofar += 1
    if (sofar === 1) {
      began = performance.now()
      say('begun')
    }
    if (sofar === timedAt) say('timed', { changes: sofar - 1, ms: performance.now() - began })
    if (sofar === count) say('done')
  }
}

/** What came before is not counted, nor the first two fifths: the writer, too, has to get warm. */
function latency(count: number): (document?: Written | null) => void {
  const waited: number[] = []
  let before = 0
  return (document) => {
    if (document?.sentAt === undefined) {
      before += 1
      if (before === order.warm) say('warm')
      return
    }
    waited.push(wallMs() - document.sentAt)
    if (waited.length !== count) return
    const sorted = waited.slice(Math.floor((count * 2) / 5)).sort((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! * 100) / 100
    say('done', { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })
  }
}
