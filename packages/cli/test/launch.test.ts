import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { registry } from '../src/commands/registry.js'
import { documents } from '../src/contracts/index.js'
import { topics } from '../src/help/topics.js'
import { expectGolden } from './golden.js'
import { boletiaStreams } from './program.js'

const listModules = fileURLToPath(new URL('fixtures/listModules.mjs', import.meta.url))
const loaded = async (...args: string[]) => {
  const { code, stderr } = await boletiaStreams(args, { nodeArgs: ['--import', listModules] })
  expect(code).toBe(0)
  return stderr.split('\n').filter((line) => line.startsWith('module: '))
}

describe('what needs no server starts without what talks to one', () => {
  test.each([['version'], ['help'], ['--help'], ['help', 'exit-codes'], ['help', 'reset'], ['run', '--help']])(
    '%s %s',
    async (...args) => {
      const modules = await loaded(...args)
      expect(modules.some((name) => name.includes('/commander/'))).toBe(true)
      expect(modules.filter((name) => /\/(mongodb|zod|jiti|pino-pretty)\//.test(name))).toEqual([])
    },
  )

  test.each(['--version', '-V'])('%s loads the launcher and nothing else', async (flag) => {
    expect((await loaded(flag)).filter((name) => !name.includes('module: node:'))).toEqual([
      expect.stringMatching(/\/bin\/boletia-streams\.mjs$/),
    ])
  })

  test('the negative control: decoding a token does load the driver', async () => {
    const { stderr } = await boletiaStreams(['token', 'decode', '82'], { nodeArgs: ['--import', listModules] })
    expect(stderr).toMatch(/^module: .*\/mongodb\//m)
  })

  test('only the called command’s file is loaded', async () => {
    const commands = (await loaded('run', '--help')).filter((name) => name.includes('/dist/commands/'))
    expect(commands.filter((name) => /\/(list|status|reset|replay|history)\.js/.test(name))).toEqual([])
  })
})

describe('help', () => {
  test.each(['', ...registry.map(({ name }) => name), ...Object.keys(topics)])('help %s is what was recorded', async (topic) => {
    const { code, stdout, stderr } = await boletiaStreams(['help', ...topic.split(' ').filter(Boolean)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expectGolden(`help/${topic === '' ? 'overview' : topic.replace(' ', '-')}.txt`, stdout, (text) => text)
  })

  test('help, --help and -h of a command say the same; as JSON it is one document', async () => {
    const [{ stdout: help }, { stdout: flag }, { stdout: json }] = await Promise.all([
      boletiaStreams(['help', 'reset']),
      boletiaStreams(['reset', '--help']),
      boletiaStreams(['help', 'reset', '--json']),
    ])
    expect(flag).toBe(help)
    expect(documents.help.parse(JSON.parse(json)).data).toEqual({ topic: 'reset', text: help })
    expect(documents.help.parse(JSON.parse((await boletiaStreams(['reset', '--help', '--json'])).stdout)).data.text).toBe(help)
  })
})

test('the version, for people and as JSON', async () => {
  const { version } = documents.version.parse(JSON.parse((await boletiaStreams(['version', '--json'])).stdout)).data
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
  expect((await boletiaStreams(['--version'])).stdout).toBe(`${version}\n`)
  expect((await boletiaStreams(['version'])).stdout).toContain(version)
})
