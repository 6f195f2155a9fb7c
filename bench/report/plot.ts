import type { Lookup } from './lookup.js'
import { sections } from './sections.js'
import { suites } from '../suites/index.js'
import { shown } from './tables.js'

const plotted = ['read', 'project', 'handle']
const width = 760
const left = 250
const barHeight = 18
const rowHeight = 24
const titleHeight = 38

/** Changes per second of the suites that compare contenders: an SVG that can be read on light and on dark. */
export function plot(figures: Lookup): string {
  let y = 12
  const parts: string[] = []
  for (const name of plotted) {
    const suite = suites.find((each) => each.name === name)!
    const { title } = sections.find(({ suite }) => suite === name)!
    const contenders = suite.contenders(figures.result(name)?.sizes ?? suite.full)
    const rates = contenders.map(({ name: contender }) => figures.of(name, contender, 'perSecond'))
    const longest = Math.max(1, ...rates.map((rate) => rate ?? 0))
    parts.push(`<text class="title" x="12" y="${y + 18}">${escaped(title)}, changes/s</text>`)
    y += titleHeight
    contenders.forEach(({ name: contender }, index) => {
      const rate = rates[index]!
      const length = rate === null ? 0 : Math.max(1, Math.round((rate / longest) * (width - left - 90)))
      const middle = y + barHeight / 2 + 4
      parts.push(
        `<text x="${left - 10}" y="${middle}" text-anchor="end">${escaped(contender)}</text>`,
        ...(rate === null
          ? [`<text class="missing" x="${left}" y="${middle}">not run</text>`]
          : [
              `<rect class="${contender.startsWith('ours') ? 'ours' : 'other'}" x="${left}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`,
              `<text x="${left + length + 8}" y="${middle}">${shown(rate)}</text>`,
            ]),
      )
      y += rowHeight
    })
    y += 14
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="Changes per second of each contender">`,
    '<style>',
    'text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600; font-size: 15px } .missing { fill: #59636e }',
    '.ground { fill: #ffffff } .ours { fill: #0969da } .other { fill: #8c959f }',
    '@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .missing { fill: #9198a1 } .ground { fill: #0d1117 } .ours { fill: #4493f8 } .other { fill: #6e7681 } }',
    '</style>',
    `<rect class="ground" width="${width}" height="${y}" rx="6"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
