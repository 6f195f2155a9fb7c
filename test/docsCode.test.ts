// The blocks of a page are one program, read from top to bottom: it is compiled as a user's would be.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const tsc = path.join(root, 'node_modules/typescript/bin/tsc')

function compile(code: string): string {
  // Below the root, so that the packages are found by their names.
  const folder = mkdtempSync(path.join(root, 'test/docs-'))
  try {
    writeFileSync(path.join(folder, 'page.ts'), code)
    const options = { extends: '../../tsconfig.tests.json', include: ['page.ts'] }
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options))
    return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The blocks one after the other; names that several import are imported once. */
function program(page: string): string {
  const text = readFileSync(path.join(root, 'docs', page), 'utf8')
  const imported = new Map<string, Set<string>>()
  const code = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) =>
    block!.replaceAll(/^import \{(.*)\} from '(.*)'$/gm, (_, names: string, from: string) => {
      const known = imported.get(from) ?? new Set()
      for (const name of names.split(',')) known.add(name.trim())
      imported.set(from, known)
      return ''
    }),
  )
  const imports = [...imported].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}'`)
  return [...imports, ...code, 'export {}'].join('\n')
}

test.each(['testing.md'])('the code of docs/%s compiles', (page) => {
  expect(compile(program(page))).toBe('')
})

test('code with a wrong name does not', () => {
  expect(compile(program('testing.md').replace('crashAt', 'crashedAt'))).toContain('crashedAt')
})
