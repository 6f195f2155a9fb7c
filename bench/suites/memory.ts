import { backlog, small } from '../harness/backlog.js'
import { type Child, startNode } from '../harness/child.js'
import { measured } from '../harness/measured.js'
import { rssMb } from '../harness/processes.js'
import { median } from '../harness/statistics.js'
import type { Ground, Suite } from '../harness/suite.js'

/** Resident memory with a long backlog: documents of an `_id` alone, so that a million of them is written in seconds. */
export const memory: Suite = {
  name: 'memory',
  full: { changes: 1_000_000, slowMs: 2, slowForMs: 8000 },
  quick: { changes: 10_000, slowMs: 2, slowForMs: 1000 },
  atMost: 2,
  contenders(sizes) {
    // Reading takes nothing away: all of them read the same backlog.
    let written: Promise<object> | null = null
    const order = async ({ client, set, database }: Ground) =>
      await (written ??= (async () => {
        const name = database()
        return { uri: set.uri, database: name, ...(await backlog(client, name, sizes.changes!, small)) }
      })())
    return [
      {
        name: 'ours',
        async run(ground) {
          const fields = { count: sizes.changes, measure: 'throughput', mode: 'count' }
          await using child = startNode('ours', { ...(await order(ground)), ...fields })
          const { rssMb, perSecond } = await measured(child, ground.set.nodes[0]!.pid!)
          return { rssMb: rssMb!, perSecond: perSecond! }
        },
      },
      {
        name: 'ours, slow handler',
        async run(ground) {
          const fields = { count: sizes.changes, measure: 'throughput', mode: 'slow', slowMs: sizes.slowMs }
          await using child = startNode('ours', { ...(await order(ground)), ...fields })
          return await grown(child, sizes.slowForMs!)
        },
      },
    ]
  },
}

/** Memory while a handler is slow: the peak, and how much more there was in the last quarter than in the second. */
async function grown(child: Child, forMs: number) {
  await child.heard('begun')
  const samples: number[] = []
  const began = performance.now()
  while (performance.now() - began < forMs) {
    samples.push(rssMb(child.pid, 'now'))
    await new Promise((resolve) => setTimeout(resolve, forMs / 100))
  }
  const quarter = Math.floor(samples.length / 4)
  const growthMb = median(samples.slice(-quarter)) - median(samples.slice(quarter, 2 * quarter))
  return { rssMb: rssMb(child.pid, 'peak'), growthMb }
}
