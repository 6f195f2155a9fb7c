import { readFileSync } from 'node:fs'
import { errorCodes } from '@boletia/streams-core/errors'
import { describe, expect, test } from 'vitest'
import { registry } from '../src/commands/registry.js'
import { helpOf } from '../src/program.js'

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
const shared = new Set(['--config', '--uri', '--db', '--json', '--verbose', '--help'])

/** The part of docs/cli.md about one command. */
function sectionOf(name: string): string {
  const at = page.split(/^### /m).find((section) => section.startsWith('`') && new RegExp(`^[^\\n]*\`${name}[ \`]`).test(section))
  if (at === undefined) throw new Error(`docs/cli.md has no section on ${name}`)
  return at
}

describe.each(registry.map(({ name }) => name))('docs/cli.md on %s', (name) => {
  test('has every option that the command has, and no other', async () => {
    const own = (text: string) => [...new Set(text.match(/--[a-z][a-z-]+/g))].filter((option) => !shared.has(option)).sort()
    const options = own((await helpOf(name)) ?? '')
    const documented = own(sectionOf(name)).filter((option) => option !== '--version')
    expect(options.filter((option) => !documented.includes(option))).toEqual([])
    expect(documented.filter((option) => !options.includes(option))).toEqual([])
  })
})

test('the options that all commands share are documented', () => {
  for (const option of shared) expect(page).toContain(option)
})

test('every exit code of the library is in the table', () => {
  const table = page.split('## Exit codes')[1]?.split('## Commands')[0] ?? ''
  for (const { exit } of Object.values(errorCodes)) expect(table).toMatch(new RegExp(`^\\| ${exit} +\\|`, 'm'))
})
