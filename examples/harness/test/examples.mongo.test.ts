// What holds for every example, whatever it shows.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@boletia/streams-core/testing'
import { expect, inject, test } from 'vitest'

const folder = path.join(import.meta.dirname, '../..')
const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'src/streams.ts')))
const textOf = (...parts: string[]) => readFileSync(path.join(folder, ...parts), 'utf8')
const command = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.resolve('boletia-streams')))

test('the list has every example, and each one says how to play it and how to run it', () => {
  expect(names.length).toBeGreaterThan(1)
  for (const name of names) {
    expect(textOf('README.md')).toContain(`[${name}](${name}/README.md)`)
    expect(textOf(name, 'README.md')).toContain(`npm run example -- ${name} `)
    expect(textOf(name, 'README.md')).toContain(`--config examples/${name}/boletia-streams.config.ts`)
  }
})

test.each(names)('the handlers of %s have 80 lines at most', (name) => {
  const files = readdirSync(path.join(folder, name, 'src')).filter((file) => textOf(name, 'src', file).includes('defineStream'))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files)
    expect({ file, lines: textOf(name, 'src', file).trimEnd().split('\n').length }).toSatisfy(({ lines }) => lines <= 80)
})

test.each(names)('the command runs the streams of %s by its config', async (name) => {
  await using database = await testDatabase(inject('mongoUri'))
  const config = path.join(folder, name, 'boletia-streams.config.ts')
  const read = `${database.name}_read`
  await database.widen(read)
  const child = spawn(process.execPath, [command, 'run', '--all', '--once', '--json', '--config', config], {
    env: { ...process.env, MONGODB_URI: database.uri, READ_DATABASE: read },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  await database.admin.client.db(read).dropDatabase()
  expect(code === 0 ? 'done' : output).toBe('done')
})
