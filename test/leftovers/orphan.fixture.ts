import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('leaves a process whose parent has ended', () => {
  expect(spawnSync('sh', ['-c', 'sleep 62 > /dev/null 2>&1 & exit 0']).status).toBe(0)
})
