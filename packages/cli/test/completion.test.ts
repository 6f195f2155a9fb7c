import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { registry } from '../src/commands/registry.js'
import { boletiaStreams } from './program.js'

const script = async (shell: string) => (await boletiaStreams(['completion', shell])).stdout

/** What bash offers after these words. */
async function offered(...words: string[]): Promise<string[]> {
  const line = ['boletia-streams', ...words]
  const typed = `COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; _boletia_streams; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, status } = spawnSync('bash', ['-c', `${await script('bash')}\n${typed}`], { encoding: 'utf8' })
  expect(status).toBe(0)
  return stdout.split('\n').filter(Boolean)
}

describe('in bash', () => {
  test('commands, nested commands and options are offered where they may stand', async () => {
    expect(await offered('re')).toEqual(['reset', 'reset-token', 'replay', 'repair', 'resume'])
    expect(await offered('token', '')).toEqual(['decode'])
    expect(await offered('ls', '--js')).toEqual(['--json'])
    expect(await offered('dlq', 'r')).toEqual(['redrive'])
    expect(await offered('dlq', 'list', '--si')).toEqual(['--since'])
    expect(await offered('config', 'v')).toEqual(['validate'])
    expect(await offered('reset', 'streamReserva', '--i')).toEqual(['--if-rev'])
    expect(await offered('token', 'decode', '--js')).toEqual(['--json'])
    expect(await offered('run', '--js')).toEqual(['--json'])
    expect(await offered('nothing-like-it', '--i')).toEqual([])
  })

  test('a stream that is called like a command does not change what may follow', async () => {
    expect(await offered('reset', 'list', '--if')).toEqual(['--if-rev'])
  })
})

test.each(['bash', 'zsh', 'fish'])(
  '%s: every command is in the script, and nothing that a terminal would show',
  async (shell) => {
    const text = await script(shell)
    for (const { name } of registry) for (const word of name.split(' ')) expect(text).toContain(word)
    expect(text).not.toContain('\u001B')
    const { stdout } = await boletiaStreams(['completion', shell, '--json'])
    expect(documents.completion.parse(JSON.parse(stdout)).data).toEqual({ shell, script: text })
  },
)

test('an unknown shell is exit 2', async () => {
  const { code, stdout, stderr } = await boletiaStreams(['completion', 'csh'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('bash, zsh, fish')
})
