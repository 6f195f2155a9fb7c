import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

test('ends what it starts', async () => {
  const child = spawn('sleep', ['63'], { stdio: 'ignore' })
  child.kill()
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
})
