import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of one test, gone afterwards. */
export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'boletia-mail-'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
