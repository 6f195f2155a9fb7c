// What the schemas (manifests.extra.test.ts) cannot know: what refers to what, and what each container has to have.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Parsed, deploy, manifestsOf, textOf, yamlOf } from './files.js'

const manifests = manifestsOf('base')
const ofKind = (kind: string) => manifests.filter((each) => each.kind === kind)
const pods = ofKind('Deployment').map(({ metadata, spec }) => ({ name: metadata.name as string, ...spec.template }) as Parsed)
const containers = pods.map(({ name, spec }) => ({ name, ...spec.containers[0] }) as Parsed)
const chosen = (labels: Parsed) =>
  pods.filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels[key] === value))

test('the kustomization lists every file beside it', () => {
  const files = readdirSync(path.join(deploy, 'kubernetes/base')).filter((file) => file !== 'kustomization.yaml')
  expect(new Set(yamlOf('kubernetes/base/kustomization.yaml')['resources'])).toEqual(new Set(files))
})

test('every container is unprivileged, on a read-only root, within a limit', () => {
  expect(new Set(containers.map(({ name }) => name as string))).toEqual(new Set(['eventos', 'reservas', 'streams']))
  for (const { spec } of pods) {
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.containers).toHaveLength(1)
  }
  for (const { securityContext, resources } of containers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(resources.limits.memory).toMatch(/Mi$/)
  }
})

test('alive is not ready: MongoDB away must restart nobody', () => {
  for (const { livenessProbe, readinessProbe, startupProbe } of containers) {
    expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'http' })
    expect(startupProbe.httpGet).toEqual({ path: '/livez', port: 'http' })
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' })
  }
})

test('two of each; a deploy takes none away before its successor is ready', () => {
  for (const { spec } of ofKind('Deployment')) {
    expect(spec.replicas).toBe(2)
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
  }
  const budgets = ofKind('PodDisruptionBudget').map(({ spec }) =>
    chosen(spec.selector.matchLabels).map(({ name }) => name as string),
  )
  expect(budgets.flat().sort()).toEqual(['eventos', 'reservas', 'streams'])
})

test('the ingress leads each path to a service, and that to pods that listen', () => {
  const [{ spec }] = ofKind('Ingress') as [Parsed]
  const paths = spec.rules[0].http.paths as Parsed[]
  expect(paths.map((each) => each['path'])).toEqual(['/eventos', '/reservas'])
  for (const { path: at, backend } of paths) {
    const service = ofKind('Service').find(({ metadata }) => metadata.name === backend.service.name)!
    expect(service.spec.ports[0].name).toBe(backend.service.port.name)
    const [pod] = chosen(service.spec.selector) as [Parsed]
    expect(pod.spec.containers[0].args).toEqual([`dist${at}.js`])
    expect(pod.spec.containers[0].ports[0].name).toBe(service.spec.ports[0].targetPort)
  }
})

test('nothing may talk to anybody but by a policy of its own', () => {
  const policies = ofKind('NetworkPolicy')
  expect(policies.filter(({ spec }) => spec.ingress === undefined && spec.egress === undefined).map(({ spec }) => spec)).toEqual([
    { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  ])
  const named = policies.flatMap(({ spec }) => [
    spec.podSelector.matchLabels?.['app.kubernetes.io/name'] ?? [],
    ...(spec.podSelector.matchExpressions ?? []).flatMap((each: Parsed) => each['values']),
  ])
  expect(new Set(named.flat())).toEqual(new Set(pods.map(({ name }) => name)))
})

test('every secret that a pod asks for is made by the overlay, of files that hold no secret', () => {
  const overlay = yamlOf('kubernetes/example/kustomization.yaml')
  const made = overlay.secretGenerator.map((each: Parsed) => each['name'])
  const asked = containers.flatMap(({ envFrom }) => envFrom.map((each: Parsed) => each['secretRef'].name))
  expect(new Set(made)).toEqual(new Set(asked))
  for (const { envs } of overlay.secretGenerator) {
    const text = textOf(`kubernetes/example/${envs[0]}`)
    expect(text).toMatch(/^MONGODB_URI=/m)
    expect([...text.matchAll(/:\/\/[^:\n]+:([^@\n]+)@/g)].filter(([, password]) => password !== 'change-me')).toEqual([])
  }
})
