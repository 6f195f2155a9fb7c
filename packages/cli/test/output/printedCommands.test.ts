// Whatever is printed to be typed has to exist: its command, its options, its topic of help.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, errorCodes } from '@boletia/streams-core/errors'
import { expect, test } from 'vitest'
import { command as help } from '../../src/commands/help.js'
import { registry } from '../../src/commands/registry.js'
import type { App } from '../../src/app.js'
import { nextActions } from '../../src/output/nextActions.js'
import { parse } from '../../src/program.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = (folder: string, ending: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => ({ file, text: readFileSync(path.join(root, folder, file), 'utf8') }))

const words = (line: string) =>
  [...line.matchAll(/(?:<[\w ]+>|'[^']*'|"[^"]*"|[^\s'"<]+)+/g)].map(([word]) => word.replaceAll(/['"]/g, ''))

/** Rejects when the command line is none, or asks for help that does not exist. */
async function understood(line: string): Promise<void> {
  const parsed = await parse(words(line.replace(/ [|>] .*$/, '')).slice(1), '0', () => undefined)
  if (parsed.kind === 'command' && parsed.invocation.entry.name === 'help') await help.run({} as App, parsed.invocation.args, {})
}

async function refused(lines: Iterable<string>): Promise<string[]> {
  const found: string[] = []
  for (const line of new Set(lines)) await understood(line).catch((error: unknown) => found.push(`${line}: ${String(error)}`))
  return found
}

test('the check itself refuses an unknown command, option and topic', async () => {
  const wrong = ['boletia-streams help errors', 'boletia-streams stauts x', 'boletia-streams list --nothing']
  expect(await refused([...wrong, 'boletia-streams help where', 'boletia-streams status <name>'])).toHaveLength(wrong.length)
})

test('what is to be typed after each error', async () => {
  const calls = [
    ['list'],
    ['run', 's'],
    ['replay', 's'],
    ['reset', 's'],
    ['peek', 's'],
    ['repair', 's'],
    ['dead-letters', 'redrive', 's'],
  ]
  const details: readonly object[] = [
    {},
    { token: '8265' },
    { place: 'prev' },
    { saved: true },
    { asked: 'replay' },
    { asked: 'peek' },
    { name: 's', suggestion: 't' },
    { uninitiated: 'a:1' },
    { login: true },
    { corrected: 'mongodb://a:1/?replicaSet=b' },
    ...['where', 'times', 'consent', 'config'].map((topic) => ({ help: topic })),
  ]
  // What only these can meet.
  const only = (code: ErrorCode, of: object) =>
    code === 'FINGERPRINT_CHANGED' ? ['run', 'reset'] : code === 'NOTHING_SAVED' && 'place' in of ? ['reset', 'replay'] : null
  const printed = (Object.keys(errorCodes) as ErrorCode[]).flatMap((code) =>
    calls.flatMap((argv) =>
      details.flatMap((of) => {
        if (only(code, of)?.includes(argv[0]!) === false) return []
        const failed = { command: argv.filter((word) => word !== 's').join(' '), names: ['s'], argv, carried: ['--db', 'x'] }
        return nextActions(code, { ...failed, details: of as Record<string, unknown> }).map(({ command }) => command)
      }),
    ),
  )
  expect(printed.length).toBeGreaterThan(500)
  expect(await refused(printed.filter((line) => line.startsWith('boletia-streams ')))).toEqual([])
})

test('what the recorded outputs print, and the examples of help', async () => {
  const lines = files('test/golden', '.txt').flatMap(({ text }) =>
    [...text.matchAll(/(?:: |^ {2})(boletia-streams (?!.*\[options\]).+)$/gm)].map(([, line]) => line as string),
  )
  expect(lines.length).toBeGreaterThan(50)
  expect(await refused(lines)).toEqual([])
})

test('the topics and commands that the sources name', async () => {
  const names = new Set(registry.flatMap(({ name }) => [name, name.split(' ')[0] as string]))
  const sources = [...files('src', '.ts'), ...files('../streams-core/src', '.ts')]
  const found = sources.flatMap(({ file, text }) => [
    ...[...text.matchAll(/'help', '([\w-]+)'|boletia-streams help ([\w-]+)|help: '([\w-]+)'/g)].map(([, ...topics]) => ({
      file,
      line: `boletia-streams help ${topics.find((topic) => topic !== undefined)}`,
    })),
    ...[...text.matchAll(/\bagain\('([\w-]+)'/g)].map(([, name]) => ({ file, line: `again ${name}`, known: names.has(name!) })),
  ])
  expect(found.length).toBeGreaterThan(20)
  expect(found.filter((one) => 'known' in one && !one.known)).toEqual([])
  expect(await refused(found.filter((one) => !('known' in one)).map(({ line }) => line))).toEqual([])
})
