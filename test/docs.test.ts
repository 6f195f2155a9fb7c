// What the documentation says in code, in links and in figures. Its commands: docsCommands.mongo.test.ts.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)))
const pages = tracked.filter((file) => file.endsWith('.md') && !/^(\.changeset|packages\/[^/]+\/etc)\//.test(file))
const textOf = (page: string) => readFileSync(path.join(root, page), 'utf8')

/**
 * The blocks of a page are one program, read from top to bottom; `<!-- ts … -->` declares what a reader takes for granted, and
 * `<!-- another program -->` begins anew. Names that several blocks import are imported once.
 */
function programs(text: string): string[] {
  return text.split('<!-- another program -->').flatMap((part) => {
    const imported = new Map<string, Set<string>>()
    const code = [...part.matchAll(/(?:^```ts|^<!-- ts)\n([\s\S]*?)(?:^```|^-->)/gm)].map(([, block]) =>
      block!.replaceAll(
        /^import (type )?\{([^}]*)\} from '(.*)'$/gm,
        (_, type: string | undefined, names: string, from: string) => {
          const known = imported.get(from) ?? new Set()
          for (const name of names.split(',').filter((each) => each.trim() !== '')) known.add(`${type ?? ''}${name.trim()}`)
          imported.set(from, known)
          return ''
        },
      ),
    )
    if (code.length === 0) return []
    const imports = [...imported].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}'`)
    return [[...imports, ...code, 'export {}'].join('\n')]
  })
}

/** Compiles each text in a file of its name; what tsc says. */
function compile(texts: ReadonlyMap<string, string>): string {
  // Below the root, so that the packages are found by their names.
  const folder = mkdtempSync(path.join(root, 'test/docs-'))
  try {
    for (const [page, text] of texts)
      for (const [index, code] of programs(text).entries()) {
        // Our own tests import from their own package.
        const file = code.replaceAll(`'../src/`, `'../../packages/streams-core/src/`)
        writeFileSync(path.join(folder, `${page.replaceAll('/', '_')}.${index}.ts`), file)
      }
    // A config imports its streams from beside it; which ones is the reader's.
    writeFileSync(
      path.join(folder, 'streams.ts'),
      `import type { Stream } from '@boletia/streams-core'\nexport declare const streamReserva: Stream\n`,
    )
    const options = { extends: '../../tsconfig.tests.json', include: ['*.ts', '../sharedMongod.ts'], exclude: [] }
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options))
    return spawnSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' })
      .stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('every block of TypeScript of every page compiles', () => {
  expect(compile(new Map(pages.map((page) => [page, textOf(page)])))).toBe('')
}, 240_000)

test('a block with a wrong name does not', () => {
  expect(
    compile(new Map([['handlers', textOf('docs/handlers.md').replace('defineStream<Order>', 'defineStraem<Order>')]])),
  ).toContain('defineStraem')
}, 240_000)

test('every block says what it is: ts and js are compiled or run, sh, console and plain ones with a command are run', () => {
  const kinds = pages.flatMap((page) => [...textOf(page).matchAll(/^```(\S+)$/gm)].map(([, kind]) => `${page}: ${kind}`))
  expect(kinds.filter((kind) => !/: (ts|js|sh|console|json|yaml|mermaid)$/.test(kind))).toEqual([])
  expect(kinds.filter((kind) => kind.endsWith(': js'))).toEqual(['README.md: js', 'README.md: js'])
})

/** As GitHub makes them: https://github.com/Flet/github-slugger */
function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)]
  return new Set(
    headings.map(([, title]) =>
      title!
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test('every link within the repository leads to a file, and to a heading in it', () => {
  const broken = pages.flatMap((page) => {
    const links = [
      ...textOf(page)
        .replaceAll(/^```[\s\S]*?^```/gm, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ].map(([, to]) => to!)
    return links.flatMap((to) => {
      if (/^[a-z]+:/.test(to)) return []
      const [file, anchor] = to.split('#')
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file!)
      if (!existsSync(path.join(root, target))) return [`${page} → ${to}: no such file`]
      return anchor === undefined || anchors(textOf(target)).has(anchor) ? [] : [`${page} → ${to}: no such heading`]
    })
  })
  expect(broken).toEqual([])
})

test('every test that a page names is there', () => {
  const named = pages.flatMap((page) =>
    [...textOf(page).matchAll(/(?<![\w*.])[\w/.-]*\w(?:\.[a-z]+)*(?:\.test|Contract)\.ts\b/g)].map(([name]) => ({ page, name })),
  )
  expect(named.length).toBeGreaterThan(50)
  const missing = named.filter(({ name }) => {
    const file = name.replace(/^(\.\.?\/)+/, '')
    return !tracked.some((each) => each === file || each.endsWith(`/${file}`))
  })
  expect(missing).toEqual([])
})

test('the README’s figures are those of bench/README.md', () => {
  const figures = textOf('README.md')
    .split('## Compared with')[1]!
    .split('\n## ')[0]!
    .match(/\d{1,3},\d{3}/g)
  expect(figures).toHaveLength(9)
  expect(figures!.filter((figure) => !textOf('bench/README.md').includes(figure))).toEqual([])
})
