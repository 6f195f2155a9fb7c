import path from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.fixture.ts'],
    maxWorkers: 3,
    setupFiles: path.join(import.meta.dirname, '../leftovers.ts'),
  },
})
