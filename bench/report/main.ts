// Writes what bench/results says into bench/README.md and bench/results/plot.svg.
//   npm run bench:report
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readResults, render } from './render.js'

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const { readme, svg } = render(readFileSync(file('README.md'), 'utf8'), readResults(file('results')))
writeFileSync(file('README.md'), readme)
writeFileSync(file('results/plot.svg'), svg)
