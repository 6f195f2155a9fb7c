import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { testDatabase } from '../packages/streams-core/src/testing/index.js'

const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
)

/** Starts a block of the README as it stands, where a user's project would be. */
function start(block: string, name: string, uri: string) {
  const file = fileURLToPath(new URL(`../examples/boletia/readme-${name}.mjs`, import.meta.url))
  writeFileSync(file, block)
  const child = spawn(process.execPath, [file], { env: { ...process.env, MONGODB_URI: uri } })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const exited = once(child, 'exit').finally(() => rmSync(file))
  return { child, exited, text: () => Buffer.concat(output).toString() }
}

test('the first example of the README runs as pasted, and a SIGTERM ends it cleanly', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const { child, exited, text } = start(blocks[0]!, 'connect', place.uri)
  await expect.poll(() => place.db.collection('stream').countDocuments(), { timeout: 60_000 }).toBe(1)
  await place.db.collection('orders').insertOne({ item: 'lamp', quantity: 2 })
  await expect.poll(text, { timeout: 60_000 }).toMatch(/^lamp 82[0-9A-F]+\n$/)
  const [, token] = /^lamp (\w+)/.exec(text())!
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  // Not its rev: after ten quiet seconds a heartbeat raises that too.
  expect(await place.db.collection('stream').findOne()).toMatchObject({ _id: 'orderLog', highest: token, owner: null })
})

test('the second example of the README runs as pasted: its totals are exact', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const first = start(blocks[1]!, 'project', place.uri)
  expect(await first.exited).toEqual([0, null])
  expect(first.text()).toBe('0 orders counted\n')
  await place.db.collection('orders').insertMany([
    { item: 'lamp', quantity: 2 },
    { item: 'lamp', quantity: 3 },
  ])
  const second = start(blocks[1]!, 'project', place.uri)
  expect(await second.exited).toEqual([0, null])
  expect(second.text()).toBe('2 orders counted\n')
  expect(await place.db.collection('totals').findOne()).toEqual({ _id: 'lamp', sold: 5 })
})
