import { fileURLToPath } from 'node:url'

// The programs run compiled; the tests load this file from its source.
const compiled = import.meta.url.includes('/dist/') ? '..' : '../dist'

export const programPath = (name: string) => fileURLToPath(new URL(`${compiled}/programs/${name}.js`, import.meta.url))

/** What `node --import` takes to swap a function of a port (programs/mutants/). */
export const mutantLoader = new URL(
  import.meta.url.includes('/dist/') ? '../../mutants/register.mjs' : '../mutants/register.mjs',
  import.meta.url,
).href
