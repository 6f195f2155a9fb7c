#!/usr/bin/env node
// Committed, so that the workspace links it before the first build.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const entry = new URL('../dist/main.js', import.meta.url)
if (existsSync(fileURLToPath(entry))) {
  const { main } = await import(entry)
  await main(process.argv.slice(2))
} else {
  console.error('boletia-streams is not built yet: run npm run setup at the root of the repository')
  process.exitCode = 2
}
