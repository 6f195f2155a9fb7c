import { type ReplicaSet, type Standalone, startReplicaSet, startStandalone } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { boletiaStreams } from './program.js'

let standalone: Standalone
let uninitiated: Standalone
let set: ReplicaSet
beforeAll(async () => {
  ;[standalone, uninitiated, set] = await Promise.all([
    startStandalone(),
    startStandalone({ args: ['--replSet', 'rs0'] }),
    startReplicaSet(),
  ])
})
afterAll(async () => await Promise.all([standalone.stop(), uninitiated.stop(), set.stop()]))

test.each([
  ['list'],
  ['status', 'streamReserva'],
  ['run', 'streamReserva'],
  ['reset', 'streamReserva', '--to', '-1m'],
  ['replay', 'streamReserva', '--from', '-1m'],
])('a standalone server is exit 8 for %s, with how to make it a replica set', async (...args) => {
  const env = { MONGODB_URI: standalone.uriFor('boletia') }
  const { code, stdout, stderr } = await boletiaStreams(args, { env })
  expect({ code, stdout }).toEqual({ code: 8, stdout: '' })
  expect(stderr).toContain('[NOT_A_REPLICA_SET]')
  expect(stderr).toContain('mongod --replSet rs0')
  expect(stderr).toContain('mongosh --eval "rs.initiate()"')
  const json = await boletiaStreams([...args, '--json'], { env })
  expect(failure.parse(JSON.parse(json.stdout)).error).toMatchObject({ code: 'NOT_A_REPLICA_SET', exit: 8 })
})

const selecting = 'serverSelectionTimeoutMS=700'
const otherName = () => {
  const uri = set.uriFor('boletia').replace(/replicaSet=[^&]*/, `replicaSet=otra&${selecting}`)
  return uri.replace(/\/\/(?:[^/@]*@)?/, '//ana:s3cr3t-planted@')
}

// The driver leaves out every server that is not of the set which the URI names, and says only that it found none.
test.each([
  {
    what: 'a standalone server',
    uri: () => `${standalone.uriFor('boletia')}?replicaSet=rs0&${selecting}`,
    code: 'NOT_A_REPLICA_SET',
    says: 'this MongoDB is a standalone server',
    fix: /^mongod --replSet rs0 --dbpath <path>\nmongosh --eval "rs\.initiate\(\)"$/,
  },
  {
    what: 'a set that was never initiated',
    uri: () => `${uninitiated.uriFor('boletia')}?replicaSet=rs0&${selecting}`,
    code: 'NOT_A_REPLICA_SET',
    says: 'was never initiated',
    fix: /^mongosh --host 127\.0\.0\.1:\d+ --eval "rs\.initiate\(\)"$/,
  },
  {
    what: 'one that was never initiated, and no name in the URI',
    uri: () => `${uninitiated.uriFor('boletia')}?${selecting}`,
    code: 'NOT_A_REPLICA_SET',
    says: 'was never initiated',
    fix: /--eval "rs\.initiate\(\)"$/,
  },
  {
    what: 'a set of another name',
    uri: otherName,
    code: 'UNREACHABLE',
    says: ', not otra',
    fix: /^export MONGODB_URI='mongodb:\/\/(?:(?!planted|otra).)+[?&]replicaSet=(?!otra)\w+&serverSelectionTimeoutMS=700'$/m,
  },
])('$what behind a URI that names a set is told apart from a server that does not answer, with its fix', async (one) => {
  const env = { MONGODB_URI: one.uri() }
  const { code, stdout, stderr } = await boletiaStreams(['doctor', '--json'], { env })
  expect({ code, stderr }).toEqual({ code: 11, stderr: '' })
  expect(documents.doctor.parse(JSON.parse(stdout)).data.findings).toMatchObject([
    {
      about: 'server',
      level: 'critical',
      message: expect.stringContaining(one.says) as string,
      fix: expect.stringMatching(one.fix) as string,
    },
  ])
  const listed = await boletiaStreams(['list'], { env })
  expect(listed).toMatchObject({ code: 8, stdout: '', stderr: expect.stringContaining(`[${one.code}]`) as string })
  expect(listed.stderr).toContain(one.says)
})
