// Writes docs/errors.md from the table of error codes; --check only compares, for the tests.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorCodes } from '../packages/streams-core/dist/errorCodes.js'

const file = new URL('../docs/errors.md', import.meta.url)
const rows = Object.entries(errorCodes).map(
  ([code, { exit, what, normal, todo }]) => `| \`${code}\` | ${exit} | ${what} | ${normal} | ${todo} |`,
)
const page = `# Errors

Every error of the library is a \`StreamError\` with one of these codes, the first error as \`cause\`, and facts in \`details\`; the command
exits with the number. This page is made from the table in \`packages/streams-core/src/errorCodes.ts\` (\`npm run docs\`).

| code | exit | what happened | is it normal? | what to do |
|---|---|---|---|---|
${rows.join('\n')}

A signal that stops a run is no error: exit 0. A second signal quits at once: exit 130 (SIGINT) or 143 (SIGTERM).
`

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== page) {
    console.error('docs/errors.md is not what the table says: npm run docs')
    process.exitCode = 1
  }
} else {
  writeFileSync(file, page)
}
