import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'

export const root = path.join(import.meta.dirname, '../../../..')
export const deploy = path.join(root, 'examples/boletia/deploy')
export const textOf = (file: string) => readFileSync(path.join(deploy, file), 'utf8')

/** What a parsed file has at a place: checked by the test that asks for it. */
export type Parsed = Readonly<Record<string, any>> // oxlint-disable-line typescript/no-explicit-any

/** The documents of a YAML file, its anchors merged; a duplicate key or a warning is an error. */
export function documentsOf(text: string): Parsed[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem !== undefined) throw problem
    return document.toJS() as Parsed
  })
}

export const yamlOf = (file: string): Parsed => documentsOf(textOf(file))[0]!

/** The manifests of a folder below kubernetes/, without its kustomization. */
export const manifestsOf = (folder: string): Parsed[] =>
  readdirSync(path.join(deploy, 'kubernetes', folder))
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) => documentsOf(textOf(`kubernetes/${folder}/${file}`)))

export interface Instruction {
  readonly name: string
  readonly value: string
}

/** The Dockerfile's stages; none of its instructions goes over a line. */
export function stages(): Instruction[][] {
  const all: Instruction[][] = []
  for (const line of textOf('Dockerfile').split('\n')) {
    const [, name, value] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    if (name === 'FROM') all.push([])
    all.at(-1)!.push({ name, value })
  }
  return all
}

export const values = (stage: readonly Instruction[], name: string) =>
  stage.filter((each) => each.name === name).map(({ value }) => value)

/** Whether a program of the image, as a container names it, comes of a source file or is one. */
export const isProgram = (file: string) =>
  existsSync(path.join(deploy, '..', file)) || existsSync(path.join(deploy, '..', file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')))
