import { Gauge, type Registry } from 'prom-client'

type Set<L extends string> = (labels: Partial<Record<L, string>>, value: number) => void

/** A gauge that is made anew at each scrape: a series that is not set then is gone. */
export function gauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
  fill: (set: Set<L>) => void,
): void {
  registry.registerMetric(
    new Gauge<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset()
        // Without labels a reset leaves a 0, which nobody has measured.
        if (labelNames.length === 0) this.remove()
        fill((labels, value) => this.set(labels as Record<L, string>, value))
      },
    }),
  )
}
