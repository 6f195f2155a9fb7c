import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { anchor, ticket } from '../harness/backlog.js'
import { type Child, type Said, startNode } from '../harness/child.js'
import type { Timestamp } from 'mongodb'
import type { Ground, Suite } from '../harness/suite.js'

/** The command from start to end, and a stream from its start to its first change. */
export const startup: Suite = {
  name: 'startup',
  full: { behind: 20_000, busy: 100_000 },
  quick: { behind: 500, busy: 500 },
  // The heartbeat that the idle one waits for comes every ten seconds.
  atMost: 3,
  contenders: () => [
    { name: 'boletia-streams --version', run: async () => ({ ms: await command(['--version'], process.cwd()) }) },
    { name: 'boletia-streams list, JavaScript config', run: list },
    { name: 'restart with a backlog: ours', run: (ground) => restarted(ground, 'source', ground.sizes.behind!) },
    { name: 'restart with a backlog: bare prefetch reader', run: (ground) => raw(ground, 'source', ground.sizes.behind!) },
    {
      name: 'restart of an idle stream in a busy cluster: ours',
      run: (ground) => restarted(ground, 'elsewhere', ground.sizes.busy!),
    },
    { name: 'the same from a token that was not advanced: bare', run: (ground) => raw(ground, 'elsewhere', ground.sizes.busy!) },
  ],
}

const launcher = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.resolve('boletia-streams')))

/** Milliseconds from starting to the end of a command that succeeds. */
async function command(args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [launcher, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`boletia-streams ${args.join(' ')} ended with ${code}: ${errors}`)
  return Math.round(performance.now() - began)
}

async function list({ set, database }: Ground) {
  const folder = await mkdtemp(path.join(tmpdir(), 'boletia-bench-'))
  const config = `export default { database: 'list', uri: ${JSON.stringify(set.uriFor(database()))}, streams: [] }\n`
  await writeFile(path.join(folder, 'boletia-streams.config.mjs'), config)
  try {
    return { ms: await command(['list'], folder) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Writes one change to `source`, behind `count` others in the same collection or elsewhere. */
async function written({ client }: Ground, database: string, collection: string, count: number): Promise<void> {
  const others = client.db(database).collection<{ _id: number }>(collection)
  for (let first = 0; first < count; first += 1000) {
    const ids = Array.from({ length: Math.min(1000, count - first) }, (_, index) => first + index)
    await others.insertMany(ids.map((id) => ({ ...ticket(id), _id: id })))
  }
}

const last = ({ client }: Ground, database: string) =>
  client
    .db(database)
    .collection<{ _id: number }>('source')
    .insertOne({ ...ticket(-1), _id: -1 }, { writeConcern: { w: 'majority' } })

/** A stream that saved its position, was stopped cleanly, and comes back: from the call to its first change, without the connecting. */
async function restarted(ground: Ground, collection: string, count: number) {
  const database = ground.database()
  await anchor(ground.client, database)
  const order = { uri: ground.set.uri, database, count: 0, measure: 'throughput' }
  {
    await using first = startNode('restart', order)
    await first.heard('ready')
    first.tell('go')
    await first.heard('opened')
    if (collection === 'source') await last(ground, database)
    else await written(ground, database, collection, count)
    const { operationTime } = (await ground.client.db(database).command({ ping: 1 })) as { readonly operationTime: Timestamp }
    const since = operationTime.getHighBitsUnsigned()
    // Where it is idle, its heartbeat passes what others write.
    await passed(first, ({ seconds, handled }) => (collection === 'source' ? handled === 1 : Number(seconds) > since))
    first.tell('stop')
    await first.heard('stopped')
  }
  if (collection === 'source') await written(ground, database, collection, count)
  else await last(ground, database)
  await using again = startNode('restart', order)
  await again.heard('ready')
  again.tell('go')
  const { ms } = await again.heard('first')
  return { ms: Math.round(Number(ms) * 10) / 10 }
}

const passed = (child: Child, reached: (said: Said) => boolean) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the position did not move on within 40 s')), 40_000)
    child.on('position', (said) => {
      if (!reached(said)) return
      clearTimeout(timer)
      resolve()
    })
  })

async function raw(ground: Ground, collection: string, count: number) {
  const database = ground.database()
  const begin = await anchor(ground.client, database)
  await written(ground, database, collection, count)
  await last(ground, database)
  await using child = startNode('prefetch', { uri: ground.set.uri, database, ...begin, count: 1e9, measure: 'throughput' })
  const { ms } = await child.heard('first')
  return { ms: Math.round(Number(ms) * 10) / 10 }
}
