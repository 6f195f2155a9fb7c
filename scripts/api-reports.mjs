// Writes packages/*/etc/*.api.md: what each entry of each package exports, with its types. --check only compares, for the tests.
// A report that changes in a pull request is a change of the public face: SemVer, a changeset.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const check = process.argv.includes('--check')
const work = mkdtempSync(path.join(tmpdir(), 'boletia-api-'))
const complaints = []

try {
  for (const folder of ['streams-core', 'boletia-handlers', 'cli']) report(folder)
} finally {
  rmSync(work, { recursive: true })
}
if (complaints.length > 0) {
  console.error(complaints.join('\n'))
  process.exitCode = 1
}

function report(folder) {
  const packageFolder = path.join(root, 'packages', folder)
  const manifest = path.join(packageFolder, 'package.json')
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'))
  const entries = Object.entries(exports).map(([entry, { types }]) => ({
    name: entry === '.' ? folder : `${folder}.${entry.slice(2)}`,
    file: path.join(packageFolder, types),
  }))
  const etc = path.join(packageFolder, 'etc')
  if (!check) rmSync(etc, { recursive: true, force: true })
  mkdirSync(etc, { recursive: true })
  const configs = entries.map(({ name, file }) => config(packageFolder, manifest, name, file))
  // One program for all entries of a package: reading the driver's types once is most of the time.
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: entries.map(({ file }) => file) })
  for (const [index, each] of configs.entries()) {
    const { apiReportChanged } = Extractor.invoke(each, {
      localBuild: !check,
      compilerState,
      messageCallback: (message) => {
        message.handled = true
        if (message.logLevel === ExtractorLogLevel.Error)
          complaints.push(`${entries[index].name}: ${message.formatMessageWithLocation(root)}`)
      },
    })
    if (check && apiReportChanged) complaints.push(`packages/${folder}/etc/${entries[index].name}.api.md is not what is exported`)
  }
  const names = new Set(entries.map(({ name }) => `${name}.api.md`))
  for (const file of readdirSync(etc)) if (!names.has(file)) complaints.push(`packages/${folder}/etc/${file}: no such entry`)
}

function config(packageFolder, packageJsonFullPath, name, mainEntryPointFilePath) {
  const quiet = { logLevel: ExtractorLogLevel.None }
  return ExtractorConfig.prepare({
    packageJsonFullPath,
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: packageFolder,
      mainEntryPointFilePath,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2022',
            lib: ['es2022', 'esnext.disposable'],
            types: ['node'],
            strict: true,
          },
          files: [mainEntryPointFilePath],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: path.join(packageFolder, 'etc'),
        reportTempFolder: work,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: quiet },
        tsdocMessageReporting: { default: quiet },
      },
    },
  })
}
