// Measures, and keeps the raw figures in bench/results/<suite>.json.
//   npm run bench -- [--only read,project] [--repetitions 5] [--quick]
// A quick run shows that every contender works; it measures nothing and keeps nothing. Fewer than five repetitions are for a look.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runSuite } from './harness/runSuite.js'
import { suites } from './suites/index.js'

const { values } = parseArgs({
  options: { only: { type: 'string' }, repetitions: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const names = suites.map(({ name }) => name)
const only = values.only?.split(',') ?? names
const unknown = only.find((name) => !names.includes(name))
if (unknown !== undefined) refuse(`there is no suite ${unknown}; there are ${names.join(', ')}`)
const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 5))
if (!Number.isInteger(repetitions) || repetitions < 1)
  refuse(`--repetitions must be a whole number from 1 on; got ${values.repetitions}`)

const kept = !values.quick && repetitions >= 5
const results = fileURLToPath(new URL('../results/', import.meta.url))
for (const suite of suites.filter(({ name }) => only.includes(name))) {
  const began = performance.now()
  const command = `npm run bench -- --only ${suite.name} --repetitions ${repetitions}`
  const result = await runSuite(suite, { repetitions, quick: values.quick, command, log: (line) => console.log(line) })
  console.log(`${suite.name}: ${Math.round((performance.now() - began) / 1000)} s`)
  if (Object.keys(result.failed).length > 0) process.exitCode = 1
  if (!kept) continue
  mkdirSync(results, { recursive: true })
  writeFileSync(`${results}${suite.name}.json`, `${JSON.stringify(result, null, 2)}\n`)
}
if (!kept) console.log('Nothing of this was kept: results are of five repetitions.')
else console.log('npm run bench:report writes the tables and the plot of bench/README.md from these figures')

function refuse(why: string): never {
  console.error(why)
  process.exit(2)
}
