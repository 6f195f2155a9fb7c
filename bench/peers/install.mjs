// Installs the benchmark's peers beside this file, each by its own registry's client; nothing of the project depends on them.
//   node bench/peers/install.mjs
// mongochangestream needs npm, and a redis-server on the PATH when it runs (Debian: redis-server); Debezium needs Java 17, javac and Maven.
// What cannot be installed is named; the benchmark says "not run" for it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(`./${name}/`, import.meta.url))
const failed = []

// Newest first: 0.64.0 asked for a version of a package that was never published.
const mongochangestream = ['latest', '0.55.0'].some((version) =>
  did(
    'npm',
    ['install', '--no-save', '--no-package-lock', `mongochangestream@${version}`, 'ioredis@5', 'mongodb@7.8.0'],
    here('mongochangestream'),
  ),
)
if (!mongochangestream) failed.push('mongochangestream')
else if (!did('redis-server', ['--version'], here('mongochangestream')))
  failed.push('redis-server (apt-get install redis-server)')

if (!debezium()) failed.push('Debezium')
console.log(failed.length === 0 ? 'peers: all installed' : `peers: not installed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

function debezium() {
  const folder = here('debezium')
  mkdirSync(`${folder}target/classes`, { recursive: true })
  const fetched = did('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=target/lib'], folder)
  if (!fetched || !did('javac', ['-cp', 'target/lib/*', '-d', 'target/classes', 'Peer.java'], folder)) return false
  const jar = readdirSync(`${folder}target/lib`).find((name) => name.startsWith('debezium-connector-mongodb-'))
  writeFileSync(`${folder}target/version`, `${/-([\d.]+)\.Final\.jar$/.exec(jar)?.[1] ?? jar}\n`)
  return true
}

function did(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0)
    console.error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').slice(-3).join('\n')}`)
  return status === 0
}
