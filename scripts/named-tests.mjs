// node scripts/named-tests.mjs <folder of vitest's JSON reports>: has every test that the documentation names passed in this run?
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const folder = process.argv[2]
const passed = new Set()
for (const file of readdirSync(folder))
  for (const { name, status } of JSON.parse(readFileSync(path.join(folder, file), 'utf8')).testResults)
    if (status === 'passed') passed.add(path.relative(root, name))

const docs = readdirSync(path.join(root, 'docs')).map((file) => path.join('docs', file))
const pages = ['README.md', ...docs].filter((file) => file.endsWith('.md'))
const missing = pages.flatMap((page) => {
  const text = readFileSync(path.join(root, page), 'utf8')
  const names = new Set([...text.matchAll(/[\w./-]+\.test\.ts\b/g)].map(([name]) => name.replace(/^(\.\.?\/)+/, '')))
  return [...names]
    .filter((name) => ![...passed].some((each) => each === name || each.endsWith(`/${name}`)))
    .map((name) => `${page}: ${name}`)
})
if (missing.length > 0) {
  console.error(`Named in the documentation, and not passed in this run:\n${missing.map((line) => `  ${line}`).join('\n')}`)
  process.exitCode = 1
}
