// The dashboard and the rules ask for metrics that there are: docs/monitoring.md lists them, and
// packages/cli/test/http/monitor.mongo.test.ts compares that list with what /metrics serves.
import { boletiaStreams } from '@boletia/handlers'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Parsed, documentsOf, root, textOf, yamlOf } from './files.js'

const page = readFileSync(path.join(root, 'docs/monitoring.md'), 'utf8')
const documented = new Set(
  [...page.matchAll(/^\| `(boletia_\w+)` *\| (\w+)/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name!],
  ),
)
const states = /`((?:\w+ )+orphan)`/.exec(page)![1]!.split(' ')
const dashboard = JSON.parse(textOf('monitoring/grafana/boletia-streams.json')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}
const rules = yamlOf('monitoring/alerts.yaml').groups.flatMap((group: Parsed) => group['rules']) as {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}[]
const unknown = (text: string) =>
  [...text.matchAll(/\bboletia_streams?_\w+/g)].map(([name]) => name).filter((name) => !documented.has(name))

test('every metric of the dashboard and of the rules is one that a worker serves', () => {
  expect(documented.size).toBeGreaterThan(20)
  const asked = [...dashboard.panels.flatMap(({ targets }) => targets), ...rules].map(({ expr }) => expr)
  expect(asked.length).toBeGreaterThan(20)
  expect(asked.flatMap(unknown)).toEqual([])
  // The control: the name of a histogram alone has no samples.
  expect(unknown('rate(boletia_stream_handler_seconds[5m])')).toEqual(['boletia_stream_handler_seconds'])
})

test('every state that is asked for is one, and every bad one has an alert and a colour', () => {
  const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/state=~?"([\w|]+)"/g)].flatMap(([, names]) => names!.split('|')))
  expect(asked.filter((state) => !states.includes(state))).toEqual([])
  const bad = states.filter((state) => !['running', 'idle', 'new'].includes(state))
  expect(bad.filter((state) => !asked.includes(state))).toEqual([])
  const tiles = JSON.stringify(dashboard.panels[0])
  expect(bad.filter((state) => !new RegExp(`[(|]${state}[)|]`).test(tiles))).toEqual([])
})

test('history lost, headroom, stuck, parked and no owner have an alert each, with a page that says what to do', () => {
  expect(rules.map(({ alert }) => alert)).toEqual(
    expect.arrayContaining(['BoletiaHistoryLost', 'BoletiaHeadroom', 'BoletiaStuck', 'BoletiaParked', 'BoletiaNoOwner']),
  )
  for (const { annotations, labels } of rules) {
    expect(labels.severity).toMatch(/^(critical|warning)$/)
    const [file, anchor] = annotations.runbook.split('#') as [string, string]
    const headings = [...readFileSync(path.join(root, file), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    )
    expect(headings).toContain(anchor)
  }
})

test('a stream without any worker is missed by name: all four of them', () => {
  const { expr } = rules.find(({ alert }) => alert === 'BoletiaNoWorker')!
  expect([...expr.matchAll(/stream="(\w+)"/g)].map(([, name]) => name)).toEqual(boletiaStreams().map(({ name }) => name))
})

test('every rule is seen to speak and to be silent', () => {
  const { tests } = documentsOf(readFileSync(path.join(import.meta.dirname, 'alerts.yaml'), 'utf8'))[0]!
  const cases = tests.flatMap((each: Parsed) => each['alert_rule_test']) as { alertname: string; exp_alerts?: unknown[] }[]
  const seen = (speaks: boolean) =>
    new Set(cases.filter((each) => (each.exp_alerts !== undefined) === speaks).map(({ alertname }) => alertname))
  const names = new Set(rules.map(({ alert }) => alert))
  expect(seen(true)).toEqual(names)
  expect(seen(false)).toEqual(names)
})
