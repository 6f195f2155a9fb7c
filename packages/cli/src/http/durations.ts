import type { Metric, MetricValueWithName, Registry } from 'prom-client'

/** One series: how often each bucket was met, the last one for what is above all bounds. */
interface Series {
  readonly counts: Float64Array
  sum: number
}

/**
 * A histogram by stream whose `count` does nothing but add two numbers: prom-client's own `observe` takes 0.4 µs, which at 30,000 changes a
 * second is a hundredth of the machine.
 */
export class Durations {
  readonly name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    this.name = name
    this.#help = help
    this.#bounds = bounds
    // A registry asks its metrics for nothing but their name and `get`.
    registry.registerMetric(this as unknown as Metric)
  }

  count(stream: string, value: number): void {
    let series = this.#series.get(stream)
    if (series === undefined) {
      series = { counts: new Float64Array(this.#bounds.length + 1), sum: 0 }
      this.#series.set(stream, series)
    }
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1
    series.counts[bucket]! += 1
    series.sum += value
  }

  async get(): Promise<object> {
    const values = [...this.#series].flatMap(([stream, series]) => this.#valuesOf(stream, series))
    return { name: this.name, help: this.#help, type: 'histogram', aggregator: 'sum', values }
  }

  #valuesOf(stream: string, { counts, sum }: Series): MetricValueWithName<string>[] {
    const metricName = `${this.name}_bucket`
    let total = 0
    const buckets = [...counts].map((count, index) => {
      total += count
      return { value: total, labels: { stream, le: String(this.#bounds[index] ?? '+Inf') }, metricName }
    })
    return [
      ...buckets,
      { value: sum, labels: { stream }, metricName: `${this.name}_sum` },
      { value: total, labels: { stream }, metricName: `${this.name}_count` },
    ]
  }
}
