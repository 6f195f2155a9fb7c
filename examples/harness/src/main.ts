// Plays an example on a MongoDB of its own: main.js <name>. Exit 0: the invariant holds; 1: it does not; 2: no such example.
import { existsSync, readdirSync } from 'node:fs'
import { startReplicaSet } from '@boletia/streams-core/testing'
import type { Example, OpenExample } from './example.js'
import { trial } from './trial.js'

const folder = new URL('../../', import.meta.url)
const fileOf = (name: string) => new URL(`${name}/dist/example.js`, folder)
const names = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/dist/streams.js`, folder)))
const [name = ''] = process.argv.slice(2)
if (names.includes(name)) process.exitCode = await play(name)
else {
  console.error(`usage: npm run example -- <name>, one of: ${names.join(', ')}`)
  process.exitCode = 2
}

async function play(name: string): Promise<number> {
  const module = (await import(fileOf(name).href)) as { readonly example: Example | (() => Promise<OpenExample>) }
  if (typeof module.example !== 'function') return await playOn(module.example)
  await using example = await module.example()
  return await playOn(example)
}

async function playOn(example: Example): Promise<number> {
  await using set = await startReplicaSet({ onDownload: (line) => console.error(line) })
  const { kills, faults } = await trial(example, { uri: set.uriFor(example.name), tell: (line) => console.log(line) })
  for (const fault of faults) console.log(`  ${fault}`)
  console.log(`${faults.length === 0 ? 'PASS' : 'FAIL'} after ${kills} kills: ${example.invariant}`)
  return faults.length === 0 ? 0 : 1
}
