// What other people's programs say of the files for deployment: promtool and systemd-analyze (Debian packages prometheus and systemd),
// Kubernetes' own schemas (from PyPI). And the image: its steps are run one by one, and what comes out is started as its user.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { deploy, root, stages, textOf, values } from './files.js'

const run = promisify(execFile)
const work = mkdtempSync(path.join(tmpdir(), 'boletia-deploy-'))
afterAll(() => rmSync(work, { recursive: true }))

/** How a program ended, and all it said. */
async function ended(program: string, args: readonly string[], options: object = {}): Promise<{ code: unknown; text: string }> {
  try {
    const { stdout, stderr } = await run(program, args, options)
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

describe('promtool', () => {
  test('the alert rules are rules, and each tells its trouble and is silent without', async () => {
    const tests = path.join(import.meta.dirname, 'alerts.yaml')
    expect(await ended('promtool', ['test', 'rules', tests])).toMatchObject({ code: 0 })
    const wrong = path.join(work, 'alerts.yaml')
    const rules = path.join(deploy, 'monitoring/alerts.yaml')
    writeFileSync(
      wrong,
      readFileSync(tests, 'utf8').replace('../../deploy/monitoring/alerts.yaml', rules).replaceAll('7200x10', '90000x10'),
    )
    expect(await ended('promtool', ['test', 'rules', wrong])).toMatchObject({ code: 1 })
  })

  test('the dashboard’s questions are PromQL', async () => {
    const { panels } = JSON.parse(textOf('monitoring/grafana/boletia-streams.json')) as {
      panels: { targets: { expr: string }[] }[]
    }
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m')))
    // JSON is YAML.
    const rules = { groups: [{ name: 'dashboard', rules: asked.map((expr, n) => ({ record: `panel:${n}`, expr })) }] }
    writeFileSync(path.join(work, 'dashboard.yaml'), JSON.stringify(rules))
    const { code, text } = await ended('promtool', ['check', 'rules', path.join(work, 'dashboard.yaml')])
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining(`${asked.length} rules found`) as string })
  })

  test('the configuration of compose’s Prometheus is one', async () => {
    const config = textOf('monitoring/prometheus.yaml').replace(
      '/etc/prometheus/alerts.yaml',
      path.join(deploy, 'monitoring/alerts.yaml'),
    )
    writeFileSync(path.join(work, 'prometheus.yaml'), config)
    expect(await ended('promtool', ['check', 'config', path.join(work, 'prometheus.yaml')])).toMatchObject({ code: 0 })
  })
})

describe('systemd-analyze', () => {
  const unit = (name: string, text: string) => {
    const file = path.join(work, name)
    // The unit is for a machine with Node from a package.
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath))
    return file
  }

  test.each([
    ['boletia-streams.service', 'boletia-streams.service'],
    ['boletia@.service', 'boletia@eventos.service'],
  ])('%s is a unit, and exposes little', async (source, name) => {
    const text = textOf(`systemd/${source}`)
    const file = unit(name, text)
    expect(await ended('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file])).toEqual({ code: 0, text: '' })
    // Of 100; the default of a service is over 90.
    const exposure = await ended('systemd-analyze', ['security', '--offline=yes', '--no-pager', '--threshold=20', file])
    expect(exposure).toMatchObject({ code: 0 })
    const slip = unit('slip.service', text.replace('ProtectHome=', 'ProtectHouse='))
    expect((await ended('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', slip])).text).toContain('ProtectHouse')
  })
})

test('the manifests are what Kubernetes 1.32 takes, without an unknown field', async () => {
  const site = path.join(work, 'site')
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', site, 'kubernetes-validate==1.37.0'])
  const main = 'import sys; from kubernetes_validate.__main__ import main; sys.exit(main())'
  const validate = (...files: string[]) =>
    ended('python3', ['-c', main, '-k', '1.32', '--strict', ...files], { env: { ...process.env, PYTHONPATH: site } })
  const base = path.join(deploy, 'kubernetes/base')
  const files = ['namespace', 'streams', 'eventos', 'reservas', 'ingress', 'network'].map((name) =>
    path.join(base, `${name}.yaml`),
  )
  expect(await validate(...files)).toMatchObject({ code: 0 })
  const slip = path.join(work, 'slip.yaml')
  writeFileSync(slip, readFileSync(files[1]!, 'utf8').replace('readinessProbe:', 'readynessProbe:'))
  expect((await validate(slip)).code).not.toBe(0)
}, 180_000)

describe('the image', () => {
  test('its steps make programs that its user can start', async () => {
    const [build, image] = stages() as [ReturnType<typeof stages>[number], ReturnType<typeof stages>[number]]
    const folder = path.join(work, 'image')
    mkdirSync(folder)
    const left = /(^|\/)(node_modules|dist|test|correos)(\/|$)|\.tsbuildinfo$/
    for (const value of values(build, 'COPY')) {
      const [target = '', ...sources] = value.split(' ').reverse()
      for (const source of sources) {
        const to = target.endsWith('/') ? path.join(folder, target, source) : path.join(folder, target)
        cpSync(path.join(root, source), to, { recursive: true, filter: (each) => !left.test(path.relative(root, each)) })
      }
    }
    for (const step of values(build, 'RUN')) {
      const { code, text } = await ended('sh', ['-c', step], { cwd: folder, env: { ...process.env, CI: 'true' } })
      expect({ step, code, text }).toMatchObject({ code: 0 })
    }

    const [uid = '', gid = ''] = values(image, 'USER')[0]!.split(':')
    await run('chmod', ['755', work])
    // Nobody answers there: each program gets as far as it can without a database, and says so by its exit code.
    const MONGODB_URI = 'mongodb://127.0.0.1:1/boletia?replicaSet=rs0&serverSelectionTimeoutMS=300'
    const start = (...args: string[]) =>
      ended('setpriv', ['--reuid', uid, '--regid', gid, '--clear-groups', process.execPath, ...args], {
        cwd: path.join(folder, 'examples/boletia'),
        env: { PATH: process.env['PATH'], NODE_ENV: 'production', HOST: '0.0.0.0', MONGODB_URI },
      })
    const command = JSON.parse(values(image, 'CMD')[0]!) as string[]
    expect(await start('dist/eventos.js')).toMatchObject({ code: 8 })
    expect(await start('dist/reservas.js')).toMatchObject({ code: 8 })
    expect(await start(...command)).toMatchObject({ code: 8, text: expect.stringContaining('MongoDB does not answer') as string })
    // What it says without a database comes after its config has loaded.
    expect(await start(command[0]!, 'config', 'validate')).toMatchObject({ code: 0 })
  }, 300_000)
})
