import { defineConfig } from 'vitest/config'

const everywhere = ['packages/*/test/**', 'examples/*/test/**', 'test/**']
const files = (suffix: string) => everywhere.map((folder) => `${folder}/*.${suffix}.ts`)
const setupFiles = ['./test/leftovers.ts']

export default defineConfig({
  // Node 20 knows neither `using` nor `await using`.
  oxc: { target: 'es2022' },
  test: {
    // Each group waits for the one before it: a busy pure test must not slow down a test that measures a takeover.
    slowTestThreshold: 10_000,
    // A condition that comes true late on a busy machine is no failure; one that never does still is.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: files('test'),
          exclude: [...files('mongo.test'), ...files('extra.test'), '**/node_modules/**'],
          setupFiles,
          maxWorkers: 2,
          // Some start processes (pip, vitest, oxlint), slowly on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'mongo',
          include: files('mongo.test'),
          exclude: [...files('serial.mongo.test'), '**/node_modules/**'],
          globalSetup: './test/sharedMongod.ts',
          setupFiles,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'serial',
          include: [...files('serial.mongo.test'), 'guarantees/**/*.test.ts'],
          exclude: ['guarantees/**/*.extra.test.ts', '**/node_modules/**'],
          globalSetup: './test/ownMongod.ts',
          setupFiles,
          // Each owns its mongod, and spends half of its time waiting for one that was killed.
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'extra',
          include: [...files('extra.test'), 'guarantees/**/*.extra.test.ts'],
          globalSetup: './test/ownMongod.ts',
          setupFiles,
          maxWorkers: 2,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
