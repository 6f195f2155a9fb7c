// Whatever ends the owner of a replica set, its mongod and its files go too.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'

const testing = new URL('../../dist/testing/index.js', import.meta.url).href

/** A process that owns a replica set; tells its data directory and the pid of the mongod. */
async function owner(afterwards: string): Promise<{ child: ChildProcess; dbPath: string; pid: number }> {
  const program = `
    const { startReplicaSet } = await import(${JSON.stringify(testing)})
    const set = await startReplicaSet()
    ${afterwards.includes('restart') ? 'await set.nodes[0].kill(); await set.nodes[0].restart()' : ''}
    console.log(JSON.stringify({ uri: set.uri, pid: set.nodes[0].pid }))
    process.stdin.once('data', () => { ${afterwards.replace('restart', '')} })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { uri, pid } = JSON.parse(String(line)) as { uri: string; pid: number }
  await using client = new MongoClient(uri)
  const { parsed } = await client.db('admin').command({ getCmdLineOpts: 1 })
  return { child, pid, dbPath: parsed.storage.dbPath }
}

/** A zombie, which only waits for somebody to read its exit code, counts as ended: it has no command line. */
const alive = (pid: number) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''

test.each([
  ['killed with SIGKILL', 'process.kill(process.pid, "SIGKILL")'],
  ['interrupted with SIGINT', 'process.kill(process.pid, "SIGINT")'],
  ['leaving without a stop', 'process.exit()'],
  ['throwing', 'throw new Error("expected by this test")'],
  ['killed after it restarted a node', 'restart process.kill(process.pid, "SIGKILL")'],
])('an owner %s leaves no mongod and no file', async (_how, afterwards) => {
  const { child, pid, dbPath } = await owner(afterwards)
  expect([alive(pid), existsSync(dbPath)]).toEqual([true, true])
  child.stdin?.write('now\n')
  await once(child, 'exit')
  const deadline = performance.now() + 20_000
  while ((alive(pid) || existsSync(dbPath)) && performance.now() < deadline) await delay(10)
  expect([alive(pid), existsSync(dbPath)]).toEqual([false, false])
})
