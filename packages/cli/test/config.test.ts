import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams, fixtures } from './program.js'

const secret = { cwd: path.join(fixtures, 'secret') }

describe('config show', () => {
  test('tells what is understood, who says where MongoDB is, and no password; nothing is connected to', async () => {
    const { code, stdout, stderr } = await boletiaStreams(['config', 'show', '--verbose'], secret)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(/s3cr3t|planted|ana:|bea:/)
    expectGolden('config-show.txt', stdout)
  })

  test('--json is the contract, without a password', async () => {
    const { stdout } = await boletiaStreams(['config', 'show', '--json'], secret)
    expect(stdout).not.toMatch(/s3cr3t|planted/)
    const { data } = documents['config.show'].parse(JSON.parse(stdout))
    expect(data).toMatchObject({
      uri: { value: 'mongodb://***@db.example.org:27017/boletia?replicaSet=rs0', source: 'the config’s uri' },
      state: { database: 'boletia', collection: 'positions' },
      connections: [
        { name: 'default', uri: null, options: ['auth'] },
        { name: 'archive', options: ['tls'] },
      ],
      streams: [{ name: 'streamEvento', work: 'handle', watch: { collection: 'reservas' } }],
    })
  })

  test('what comes first is told: --uri, then MONGODB_URI; nobody is no failure', async () => {
    const env = { MONGODB_URI: 'mongodb://env.example.org/x' }
    const show = async (...args: string[]) =>
      documents['config.show'].parse(
        JSON.parse((await boletiaStreams(['config', 'show', '--json', ...args], { ...secret, env })).stdout),
      ).data
    expect((await show()).uri?.source).toBe('MONGODB_URI')
    expect((await show('--uri', 'mongodb://flag.example.org/x')).uri).toEqual({
      value: 'mongodb://flag.example.org/x',
      source: '--uri',
    })
    const { stdout } = await boletiaStreams(['config', 'show', '--json'])
    expect(documents['config.show'].parse(JSON.parse(stdout)).data.uri).toBeNull()
  })
})

test('config show tells a 64-bit integer of a pipeline as Extended JSON does', async () => {
  const { code, stdout } = await boletiaStreams(['config', 'show', '--json'], { cwd: path.join(fixtures, 'bigint') })
  expect(code).toBe(0)
  expect(documents['config.show'].parse(JSON.parse(stdout)).data.streams[0]?.pipeline).toEqual([
    { $match: { 'fullDocument.total': { $gt: { $numberLong: '9007199254740993' } } } },
  ])
})

describe('config validate', () => {
  test('of a good one is exit 0 with an empty stdout; its JSON names the streams', async () => {
    expect(await boletiaStreams(['config', 'validate'])).toMatchObject({ code: 0, stdout: '' })
    const { stdout } = await boletiaStreams(['config', 'validate', '--json'])
    expect(documents['config.validate'].parse(JSON.parse(stdout)).data.streams).toContain('streamReserva')
  })

  test.each([
    ['typo.mjs', 'CONFIG_INVALID', 'did you mean streams?'],
    ['throws.mjs', 'CONFIG_INVALID', 'does not load'],
    ['none.mjs', 'CONFIG_NOT_FOUND', 'does not exist'],
  ])('of %s is exit 2, %s', async (file, code, told) => {
    const ended = await boletiaStreams(['config', 'validate', '--config', path.join(fixtures, 'broken', file)])
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(`[${code}]`)
    expect(ended.stderr).toContain(told)
  })

  test('without a config is exit 2', async () => {
    expect(await boletiaStreams(['config', 'validate'], { cwd: '/' })).toMatchObject({ code: 2, stdout: '' })
  })
})
