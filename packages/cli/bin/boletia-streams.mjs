#!/usr/bin/env node
// Committed, so that the workspace links it before the first build.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const entry = new URL('../dist/main.js', import.meta.url)
const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // Asked by scripts at each of their starts: nothing else is loaded for it.
  process.stdout.on('error', ({ code, message }) => {
    if (code === 'EPIPE') return
    console.error(`error  stdout could not be written: ${message} [OUTPUT_FAILED]`)
    process.exitCode = 2
  })
  console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
} else if (existsSync(fileURLToPath(entry))) {
  const { main } = await import(entry)
  await main(argv)
} else {
  console.error('boletia-streams is not built yet: run npm run setup at the root of the repository')
  process.exitCode = 2
}
