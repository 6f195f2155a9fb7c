import type { Finding, Level, Limits, StreamStatus, Threshold } from '@boletia/streams-core/admin'
import { formatDuration } from './format.js'
import { table } from './table.js'

export interface Checked {
  readonly status: StreamStatus
  readonly level: Level
  readonly findings: readonly Finding[]
}

/** A finding as a sentence. */
export function findingText({ about, value }: Finding, { state, lastError }: StreamStatus): string {
  const amount = value === null ? 'is not known' : formatDuration(value)
  switch (about) {
    case 'state':
      if (state === 'orphan' && lastError !== null) return `is halted (${lastError.code}), and not in the config`
      return lastError === null ? `is ${state}` : `is ${state} (${lastError.code})`
    case 'lag':
      return value === null ? `lag ${amount}` : `is ${amount} behind`
    case 'headroom':
      if (value === 0) return 'its position is lost: the oplog has forgotten it'
      return value === null ? `headroom ${amount}` : `has ${amount} until the oplog forgets its position`
    case 'parked':
      return `has ${value} parked`
    case 'stuck':
      return value === null ? `how long it is behind ${amount}` : `has not moved for ${amount}`
    case 'definition':
      return 'its definition changed since its position was saved'
  }
}

export function checkText(checked: readonly Checked[]): string {
  return table(
    checked.flatMap(({ status, level, findings }) =>
      findings.length === 0
        ? [[level, status.name, `is ${status.state}`]]
        : findings.map((finding) => [finding.level, status.name, findingText(finding, status)]),
    ),
  )
}

/** https://nagios-plugins.org/doc/guidelines.html: one line, figures after the bar; what was found below it. */
export function nagiosText(level: Level, checked: readonly Checked[], limits: Limits): string {
  const bad = checked.filter(({ findings }) => findings.length > 0)
  const first = bad.find((one) => one.level === level)
  const summary =
    first === undefined
      ? `${checked.length} ${checked.length === 1 ? 'stream' : 'streams'}`
      : `${first.status.name} ${findingText(first.findings.find((finding) => finding.level === level) as Finding, first.status)}${bad.length > 1 ? ` (and ${bad.length - 1} more)` : ''}`
  const figures = checked.flatMap(({ status: { name, lagMs, headroomMs, parked } }) => [
    ...figure(`${name} lag`, lagMs, 's', limits.maxLagMs, ''),
    ...figure(`${name} headroom`, headroomMs, 's', limits.minHeadroomMs, ':'),
    ...figure(`${name} parked`, parked, '', limits.maxParked, ''),
  ])
  const long = bad.flatMap(({ status, findings }) =>
    findings.map((finding) => `${finding.level.toUpperCase()} ${status.name} ${findingText(finding, status)}`),
  )
  return [`STREAMS ${level.toUpperCase()} - ${summary} | ${figures.join(' ')}`, ...long].join('\n')
}

function figure(label: string, value: number | null, unit: 's' | '', limit: Threshold | undefined, end: ':' | ''): string[] {
  if (value === null) return []
  const shown = (amount: number) => (unit === 's' ? amount / 1000 : amount)
  const bound = (amount: number | null | undefined) => (amount === null || amount === undefined ? '' : `${shown(amount)}${end}`)
  return [`'${label}'=${shown(value)}${unit};${bound(limit?.warning)};${bound(limit?.critical)}`]
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/, for the node exporter's textfile collector. */
export function prometheusText(checked: readonly Checked[]): string {
  const levels: Record<Level, number> = { ok: 0, warning: 1, critical: 2 }
  const seconds = (ms: number | null) => (ms === null ? null : ms / 1000)
  const metrics: [string, string, (one: Checked) => number | null][] = [
    ['lag_seconds', 'Age of the oldest unsettled change.', ({ status }) => seconds(status.lagMs)],
    ['headroom_seconds', 'Time until the oplog forgets the position.', ({ status }) => seconds(status.headroomMs)],
    ['stuck_seconds', 'Time behind at the same position.', ({ status }) => seconds(status.stuckMs)],
    ['parked', 'Parked changes.', ({ status }) => status.parked],
    ['check_level', '0 ok, 1 warning, 2 critical.', ({ level }) => levels[level]],
  ]
  const label = (text: string) =>
    text
      .replaceAll('\\', String.raw`\\`)
      .replaceAll('"', String.raw`\"`)
      .replaceAll('\n', String.raw`\n`)
  const lines = metrics.flatMap(([name, help, of]) => [
    `# HELP boletia_stream_${name} ${help}`,
    `# TYPE boletia_stream_${name} gauge`,
    ...checked.flatMap((one) => {
      const value = of(one)
      return value === null ? [] : [`boletia_stream_${name}{stream="${label(one.status.name)}"} ${value}`]
    }),
  ])
  const states = checked.map(({ status }) => `boletia_stream_state{stream="${label(status.name)}",state="${status.state}"} 1`)
  return [...lines, '# HELP boletia_stream_state The state a stream is in.', '# TYPE boletia_stream_state gauge', ...states].join(
    '\n',
  )
}
