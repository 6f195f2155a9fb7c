// Packs the three packages as they would be published: `npm run pack`, or `npm run pack -- <folder>`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const destination = path.resolve(process.argv[2] ?? path.join(root, 'packed'))
mkdirSync(destination, { recursive: true })

for (const folder of ['streams-core', 'boletia-handlers', 'cli']) {
  const cwd = path.join(root, 'packages', folder)
  removeOrphans(cwd)
  // pnpm writes the real versions where the manifests say workspace:^, and adds the licence. Offline first, as in setup.mjs.
  const packed = ['--offline', '--prefer-offline'].some((flag) => {
    const args = ['-y', flag, 'pnpm@12', 'pack', '--pack-destination', destination]
    return spawnSync('npx', args, { cwd, stdio: ['ignore', 'ignore', flag === '--offline' ? 'ignore' : 'inherit'] }).status === 0
  })
  if (!packed) {
    console.error(`pack: pnpm could not pack packages/${folder} (see above)`)
    process.exit(1)
  }
}
console.log(
  readdirSync(destination)
    .map((file) => path.join(path.relative(process.cwd(), destination), file))
    .join('\n'),
)

/** What tsc made of a source that has been renamed or deleted since would be published for ever. */
function removeOrphans(folder) {
  const dist = path.join(folder, 'dist')
  for (const file of readdirSync(dist, { recursive: true })) {
    const source = path.join(folder, 'src', file.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts'))
    if (/\.(d\.ts|js)(\.map)?$/.test(file) && !existsSync(source)) rmSync(path.join(dist, file))
  }
}
