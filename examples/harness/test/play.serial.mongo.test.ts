// `npm run example`, after its set-up: starts a MongoDB of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const main = path.join(import.meta.dirname, '../dist/main.js')

test('an example is played to its verdict, with each kill told', async () => {
  const { code, stdout } = await play('versioned-replica')
  expect(stdout.match(/a worker was killed/g)).toHaveLength(3)
  expect(stdout).toMatch(/\nPASS after 3 kills: every product of the replica /)
  expect(code).toBe(0)
})

test('without a name of an example it says which there are, and starts nothing', async () => {
  const { code, stderr } = await play('replica')
  const examples = readdirSync(path.join(import.meta.dirname, '../..')).filter((name) => name.startsWith('order-'))
  expect(examples).toHaveLength(2)
  for (const name of examples) expect(stderr).toContain(name)
  expect(code).toBe(2)
})

async function play(name: string) {
  const child = spawn(process.execPath, [main, name], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
