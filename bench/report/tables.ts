import type { Result } from '../harness/types.js'
import { suites } from '../suites/index.js'
import { goals } from './goals.js'
import type { Lookup } from './lookup.js'
import { type Section, sections } from './sections.js'

/** The goals and all tables, in Markdown. */
export const tables = (figures: Lookup): string =>
  [goalsTable(figures), ...sections.map((section) => sectionOf(section, figures))].join('\n\n')

function goalsTable(figures: Lookup): string {
  const rows = goals.map(({ work, goal, measured, unit, reached }) => {
    const value = measured(figures)
    const verdict = value === null ? 'not run' : reached(value) ? 'reached' : '**not reached**'
    return [work, goal, value === null ? '–' : `${shown(value)}${unit === '' ? '' : ` ${unit}`}`, verdict]
  })
  const counted = (verdict: string) => rows.filter((row) => row[3] === verdict).length
  const summary = `${counted('reached')} reached, ${counted('**not reached**')} not reached, ${counted('not run')} not run.`
  return `### Goals\n\n${summary}\n\n${markdown(['work', 'goal', 'measured', ''], rows)}`
}

function sectionOf({ suite: name, title, text, columns, ratio }: Section, figures: Lookup): string {
  const suite = suites.find((each) => each.name === name)!
  const result = figures.result(name)
  const sizes = result?.sizes ?? suite.full
  const heads = [...columns.map(({ head }) => head), ...(ratio === undefined ? [] : [ratio.head])]
  const rows = suite.contenders(sizes).map(({ name: contender }) => {
    const failures = result?.failed[contender]?.length ?? 0
    const marked = failures === 0 ? contender : `${contender} (failed ${failures === 1 ? 'once' : `${failures} times`})`
    if (!result?.runs.some((run) => run.contender === contender))
      return [marked, failures > 0 ? 'failed' : 'not run', ...heads.slice(1).map(() => '')]
    const cells = columns.map(({ measure, without }) => {
      const value = figures.of(name, contender, measure)!
      return Number.isFinite(value) ? shown(value) : (without?.(sizes) ?? '–')
    })
    if (ratio === undefined) return [marked, ...cells]
    const compared = figures.ratio(name, contender, ratio.to, ratio.measure)
    return [marked, ...cells, compared === null ? '–' : shown(compared)]
  })
  return [`### ${title}`, text(sizes), markdown(['', ...heads], rows), ...(result === null ? [] : [provenance(result)])].join(
    '\n\n',
  )
}

function provenance({ command, machine, versions, commit, date, runs, notRun, failed }: Result): string {
  const repetitions = Math.max(0, ...runs.map(({ repetition }) => repetition))
  const what = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const missing = Object.entries(notRun).map(([name, why]) => `Not run: ${name}, ${why}.`)
  const broken = Object.entries(failed).map(([name, [why]]) => `Failed: ${name}: ${why}.`)
  return [
    `\`${command}\`: medians of ${repetitions} interleaved repetitions, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${what.join(', ')}, commit ${commit}, ${date}.`,
    ...missing,
    ...broken,
  ].join(' ')
}

/** Three figures are what five repetitions on a small machine can tell; whole numbers stay whole. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return 'never'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

/** As oxfmt would lay it out, so that formatting leaves the generated part alone. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(3, cell.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}
