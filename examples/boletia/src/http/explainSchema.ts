import type { FastifySchemaValidationError } from 'fastify'

const hints: Readonly<Record<string, string>> = {
  text: 'must hold at least one visible character of well-formed Unicode',
  email: 'must be an e-mail address',
}

/**
 * One sentence on the first thing that is wrong with a body or a path. It names members, never repeats their values:
 * a message ends up in other people's logs, and a value may be an e-mail address.
 */
export function explainSchema(errors: readonly FastifySchemaValidationError[], where: string): Error {
  const error = errors[0]
  if (error === undefined) return new Error(`${where} is wrong`)
  const at = `${where}${error.instancePath}`
  const { keyword, params } = error
  if (keyword === 'additionalProperties') return new Error(`${at} has an unknown key: ${short(params['additionalProperty'])}`)
  if (keyword === 'format') return new Error(`${at} ${hints[String(params['format'])] ?? error.message ?? 'is malformed'}`)
  if (keyword === 'not') return new Error(`${at} is reserved`)
  if (keyword === 'oneOf') return new Error(`${at} gives one value under two names: keep one`)
  return new Error(`${at} ${error.message ?? 'is wrong'}`)
}

function short(key: unknown): string {
  return JSON.stringify(String(key).slice(0, 40))
}
