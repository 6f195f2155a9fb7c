// The image without an engine: what its steps name is there, and every container of every kind starts what it has.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isProgram, manifestsOf, root, stages, textOf, values, yamlOf } from './files.js'

const [build, image] = stages() as [ReturnType<typeof stages>[number], ReturnType<typeof stages>[number]]
const command = JSON.parse(values(image, 'CMD')[0]!) as string[]
const pods = () => manifestsOf('base').filter(({ kind }) => kind === 'Deployment')
const workload = (name: string) => pods().find(({ metadata }) => metadata.name === name)!

test('the build copies what there is, and all that the lockfile’s programs need', () => {
  const copied = values(build, 'COPY').flatMap((value) => value.split(' ').slice(0, -1))
  expect(copied.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'pnpm-lock.yaml', 'packages', 'examples/boletia']))
})

test('process 1 is node, and not root’s', () => {
  expect(JSON.parse(values(image, 'ENTRYPOINT')[0]!)).toEqual(['node'])
  expect(values(image, 'USER')).toEqual(['1000:1000'])
  expect(values(image, 'RUN')).toEqual([])
  expect([...build, ...image].filter(({ name }) => name === 'FROM').map(({ value }) => value)).toEqual([
    'node:22-slim AS build',
    'node:22-slim',
  ])
})

test('each container starts a program that the image has', () => {
  const { services } = yamlOf('compose.yaml')
  const composed = ['eventos', 'reservas'].map((name) => services[name].command)
  const programs = [command, ...composed, ...pods().map(({ spec }) => spec.template.spec.containers[0].args)].map(
    ([file]) => file,
  )
  expect(programs).toHaveLength(6)
  // Linked by pnpm; committed, so it is there before a build.
  expect(programs.filter((file: string) => !isProgram(file))).toEqual([])
  expect(isProgram('dist/no-such-program.js')).toBe(false)
})

test('the streams run everywhere with the same options: standby, holding on, and less time to drain than to live', () => {
  expect(command.slice(1).join(' ')).toBe('run --all --standby --on-fatal hold --http 0.0.0.0:9464 --drain-timeout 20s')
  expect(workload('streams').spec.template.spec.containers[0].args).toEqual(command)
  expect(yamlOf('compose.yaml').services.streams.command).toBeUndefined()
  const unit = textOf('systemd/boletia-streams.service')
  expect(/^ExecStart=\S+ (.*)$/m.exec(unit)![1]).toBe(command.join(' ').replace('0.0.0.0', '127.0.0.1'))
  const patience = [
    workload('streams').spec.template.spec.terminationGracePeriodSeconds,
    Number.parseInt(yamlOf('compose.yaml').services.streams.stop_grace_period, 10),
    Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)![1]),
  ]
  expect(Math.min(...patience)).toBeGreaterThan(20)
})

test('systemd starts none again whose exit code says that it cannot help', () => {
  const page = readFileSync(path.join(root, 'docs/operations.md'), 'utf8')
  const no = [...page.matchAll(/^\| ([\d, ]+)\| [^|]+\| no[:;]? /gm)].flatMap(([, codes]) => codes!.trim().split(', '))
  const prevented = /^RestartPreventExitStatus=(.*)$/m.exec(textOf('systemd/boletia-streams.service'))![1]!
  // 0 is no failure.
  expect(prevented.split(' ')).toEqual(no.filter((code) => code !== '0'))
})
