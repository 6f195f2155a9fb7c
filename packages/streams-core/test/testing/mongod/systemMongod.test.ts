import path from 'node:path'
import { expect, test } from 'vitest'
import { vi } from 'vitest'
import { findMongod } from '../../../src/testing/mongod/findMongod.js'
import { bareMachine, mongodScript } from './bareMachine.js'

test('MONGOMS_SYSTEM_BINARY comes before a mongod on the PATH', async () => {
  using machine = bareMachine()
  machine.program(path.join(machine.bin, 'mongod'), mongodScript('1.0.0'))
  const named = machine.program(path.join(machine.folder, 'mine'), mongodScript('2.0.0'))
  vi.stubEnv('MONGOMS_SYSTEM_BINARY', named)
  expect(await findMongod()).toEqual({ path: named, version: '2.0.0' })
})

test('a MONGOMS_SYSTEM_BINARY that is no mongod is an error that names it, not a reason to look elsewhere', async () => {
  using machine = bareMachine()
  machine.program(path.join(machine.bin, 'mongod'), mongodScript())
  vi.stubEnv('MONGOMS_SYSTEM_BINARY', machine.program(path.join(machine.folder, 'other'), 'echo hello'))
  await expect(findMongod()).rejects.toMatchObject({
    code: 'NO_MONGOD',
    message: expect.stringMatching(/^MONGOMS_SYSTEM_BINARY: .*other is not a mongod/),
  })
  vi.stubEnv('MONGOMS_SYSTEM_BINARY', path.join(machine.folder, 'missing'))
  await expect(findMongod()).rejects.toMatchObject({ code: 'NO_MONGOD', message: expect.stringMatching(/missing cannot be run/) })
})

test('without the variable the first mongod on the PATH is taken', async () => {
  using machine = bareMachine()
  vi.stubEnv('PATH', ['', path.join(machine.folder, 'absent'), machine.bin].join(path.delimiter))
  const file = machine.program(path.join(machine.bin, 'mongod'), mongodScript('7.0.1'))
  expect(await findMongod()).toEqual({ path: file, version: '7.0.1' })
})
