import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

test('leaves a child that passes on no environment', () => {
  expect(spawn('sleep', ['61'], { stdio: 'ignore', env: {}, cwd: '/' }).pid).toBeDefined()
})
