import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = path.join(import.meta.dirname, '../scripts/api-reports.mjs')

test('what each entry of each package exports is what packages/*/etc says; a change of it is decided, not slipped in', async () => {
  const done = await promisify(execFile)(process.execPath, [script, '--check']).catch((error: unknown) => error)
  // Otherwise: `npm run api` writes them anew; then read the difference, and write a changeset.
  expect(done).toMatchObject({ stderr: '' })
}, 240_000)
