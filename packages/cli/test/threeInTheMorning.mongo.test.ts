// docs/three-in-the-morning.md is run, line by line, by a shell that knows nothing but the program.
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'
import { masked } from './golden.js'
import { ended, fixtures, machine } from './program.js'

const page = fileURLToPath(new URL('../../../docs/three-in-the-morning.md', import.meta.url))
const launcher = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.url))
// A comment with a command is what happens meanwhile: it is done, and not shown.
const steps = /^```console\n(?<shown>.*?)^```$|^<!-- \$ (?<hidden>.*?) -->$/gms

interface Command {
  readonly line: string
  /** What the page says that it prints; null for one that is not shown. */
  readonly printed: string | null
}

function commandsOf(text: string): Command[] {
  return [...text.matchAll(steps)].flatMap(({ groups }): Command[] =>
    groups?.['hidden'] !== undefined
      ? [{ line: groups['hidden'], printed: null }]
      : (groups?.['shown'] ?? '')
          .split(/^\$ /m)
          .slice(1)
          .map((part) => {
            const end = part.indexOf('\n')
            return { line: part.slice(0, end), printed: part.slice(end + 1) }
          }),
  )
}

/** One shell for all of them: what one sets, the next one has. */
async function runInOrder(commands: readonly Command[], cwd: string, uri: string): Promise<string[]> {
  const mark = '=== next ==='
  const script = commands.map(({ line }) => `${line}\ncode=$?; [ $code -eq 0 ] || echo "[exit $code]"; echo '${mark}'`).join('\n')
  const child = spawn('sh', ['-c', `exec 2>&1\n${script}`], {
    cwd,
    env: { ...machine(), MONGODB_URI: uri, PATH: `${cwd}/bin${path.delimiter}${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return (await ended(child)).stdout.split(`${mark}\n`).slice(0, commands.length)
}

// The page names no machine of ours, and nobody of us.
const told = (text: string) =>
  text
    .replaceAll(`${userInfo().username}@${hostname()}`, 'maria@worker-1')
    .replaceAll(`${hostname()}/`, 'worker-1/')
    .replace(/boletia_test_[0-9a-f]{16}/g, 'boletia')
    .replace(/ +$/gm, '')

/** Without what is another thing in each run: times, revisions, ids, and the widths of columns that come of it. */
const plain = (text: string) =>
  masked(told(text).replaceAll('worker-1/', `${hostname()}/`).replaceAll('maria@worker-1', `maria@${hostname()}`))
    .replace(/\b[0-9a-f]{24}\b/g, '<id>')
    .replace(/(\brev +|-rev )\d+/g, '$1<n>')
    .replace(/^(<time> +[a-z-]+ +)\d+/gm, '$1<n>')
    .replace(/^(reader +)\w+/gm, '$1<reader>')
    .replace(/^\[[\d:. -]+\]/gm, '[<time>]')
    .replace(/ {2,}/g, '  ')

test('the night of docs/three-in-the-morning.md can be gone through with its commands alone, and they print what stands there', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const cwd = mkdtempSync(path.join(fixtures, 'night-'))
  try {
    cpSync(path.join(fixtures, 'night'), cwd, { recursive: true })
    const wrapper = path.join(cwd, 'bin/boletia-streams')
    mkdirSync(path.dirname(wrapper))
    writeFileSync(wrapper, `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`)
    chmodSync(wrapper, 0o755)
    const text = readFileSync(page, 'utf8')
    const commands = commandsOf(text)
    const printed = await runInOrder(commands, cwd, database.uri)

    if (process.env['UPDATE_GOLDEN'] === '1') {
      let next = 0
      const anew = text.replace(steps, (whole) => {
        if (whole.startsWith('<!--')) return (next++, whole)
        const lines = [...whole.matchAll(/^\$ (.*)$/gm)].map(([, line]) => `$ ${line}\n${told(printed[next++]!)}`)
        return `\`\`\`console\n${lines.join('')}\`\`\``
      })
      writeFileSync(page, anew)
    }
    const said = commandsOf(readFileSync(page, 'utf8'))
    commands.forEach(({ line }, n) => {
      const { printed: expected } = said[n] as Command
      if (expected !== null) expect({ line, printed: plain(printed[n] ?? '') }).toEqual({ line, printed: plain(expected) })
    })

    const ids = async (name: string) =>
      (await database.db.collection<{ _id: string }>(name).find().toArray()).map(({ _id }) => _id).sort()
    expect(await ids('correos'), 'each mail once, also the parked one and the one behind it').toEqual([
      'r1',
      'r2',
      'r3',
      'r4',
      'r5',
      'r6',
    ])
    expect(await ids('boletos'), 'each ticket, also those that the wrong reset skipped').toEqual(await ids('correos'))
  } finally {
    rmSync(cwd, { recursive: true })
  }
  // Thirty processes, one after the other.
}, 480_000)
