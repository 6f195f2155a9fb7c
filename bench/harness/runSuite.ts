import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism, totalmem } from 'node:os'
import { startReplicaSet } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { peers } from './peers.js'
import { type Redis, startRedis } from './redis.js'
import type { Ground, Suite } from './suite.js'
import { NotRun, type Result, type Run } from './types.js'

export interface Asked {
  readonly repetitions: number
  readonly quick: boolean
  readonly command: string
  log(line: string): void
}

/** Runs a suite on a server of its own: A B C, A B C, … so that what drifts on the machine hits all contenders alike. */
export async function runSuite(suite: Suite, { repetitions, quick, command, log }: Asked): Promise<Result> {
  const sizes = quick ? suite.quick : suite.full
  const contenders = suite.contenders(sizes)
  const runs: Run[] = []
  const notRun: Record<string, string> = {}
  const failed: Record<string, readonly string[]> = {}
  await using set = await startReplicaSet(suite.server ?? {})
  const redis: Redis | null = await startRedis()
  const client = await new MongoClient(set.uri).connect()
  try {
    let databases = 0
    const ground: Ground = { set, client, sizes, redis, database: () => `bench_${suite.name}_${(databases += 1)}` }
    for (let repetition = 1; repetition <= Math.min(repetitions, suite.atMost ?? repetitions); repetition += 1) {
      for (const { name, run } of contenders) {
        if (name in notRun) continue
        try {
          const figures = await run(ground)
          runs.push({ contender: name, repetition, figures })
          log(`${suite.name} ${repetition}: ${name}: ${JSON.stringify(figures)}`)
        } catch (error) {
          if (error instanceof NotRun) {
            notRun[name] = error.message
            log(`${suite.name}: ${name}: not run: ${error.message}`)
          } else {
            // The others are measured all the same.
            const message = error instanceof Error ? error.message : String(error)
            failed[name] = [...(failed[name] ?? []), withoutPaths(message)]
            log(`${suite.name} ${repetition}: ${name}: FAILED: ${message}`)
          }
        }
      }
    }
    const { version } = (await client.db('admin').command({ buildInfo: 1 })) as unknown as { version: string }
    const ran = (name: string) => runs.some(({ contender }) => contender.startsWith(name))
    return {
      suite: suite.name,
      command,
      date: new Date().toISOString().slice(0, 10),
      commit: commit(),
      machine: { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30) },
      versions: {
        Node: process.versions.node,
        mongod: version,
        driver: driverVersion(),
        ...(ran('mongochangestream') && { mongochangestream: peers.mongochangestream.version()!, Redis: redis!.version }),
        ...(ran('Debezium') && { Debezium: peers.debezium.version()! }),
      },
      sizes,
      runs,
      notRun,
      failed,
    }
  } finally {
    await client.close()
    await redis?.[Symbol.asyncDispose]()
  }
}

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()

/** The commit that was measured; `+` when the work tree was not exactly that. */
function commit(): string {
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':(top)packages', ':(top)bench/*.ts') !== ''
  return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? '+' : ''}`
}

/** The first line, for a file that others read: no machine's paths. */
const withoutPaths = (message: string) => message.split('\n')[0]!.replace(/\S*\/\S*/g, '…')

const driverVersion = () => (createRequire(import.meta.url)('mongodb/package.json') as { version: string }).version
