import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const mostFiles = 50

/**
 * Where a config that does not parse is wrong, as `<file>:<line>`: it may be in a file that it imports. Null where nobody says. The line itself
 * is never told: it may hold a password.
 */
export function placeOfSyntaxError(error: unknown, config: string): string | null {
  if (!(error instanceof Error)) return null
  // jiti has it behind the message, with the column.
  const parsed = /^ParseError: .*\n\s*(\S.*:\d+):\d+$/m.exec(error.message)?.[1]
  if (parsed !== undefined) return parsed
  if (error.name !== 'SyntaxError') return null
  return placeIn(error.stack ?? '') ?? checkedPlace(config)
}

/** V8 begins with it, where it tells it at all. */
function placeIn(text: string): string | null {
  const [, file, line] = /^(.+):(\d+)$/.exec(text.split('\n', 1)[0] ?? '') ?? []
  if (file === undefined) return null
  return `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}`
}

/** Of an ES module that does not parse, Node keeps the place to itself, but for `--check`, which runs nothing: of the config, then of what it imports. */
function checkedPlace(config: string): string | null {
  const files = new Set([config])
  for (const file of files) {
    const { stderr } = spawnSync(process.execPath, ['--check', file], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 5000,
    })
    const place = placeIn(stderr)
    if (place !== null) return place
    for (const imported of importedBy(file)) if (files.size < mostFiles) files.add(imported)
  }
  return null
}

/** Its own files, not those of packages. What only looks like an import does no harm: it is checked, too. */
function importedBy(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.[cm]?js)['"]/g)
  return [...found].map(([, specifier = '']) => path.resolve(path.dirname(file), specifier)).filter((each) => existsSync(each))
}
