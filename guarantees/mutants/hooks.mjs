// Which module of the library each mutant stands in for. The mutant itself gets the original.
const replaced = {
  noKillSessions: 'mongo/ownSessions.js',
  epochOnly: 'mongo/checkpointStore.js',
  checkpointLast: 'mongo/checkpointStore.js',
  noFence: 'mongo/checkpointStore.js',
  letterLater: 'runtime/parking.js',
  letterFirst: 'runtime/resettling.js',
}

let mutant

export function initialize(data) {
  mutant = data.mutant
  if (!(mutant in replaced)) throw new Error(`no mutant is called ${mutant} (${Object.keys(replaced).join(', ')})`)
}

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  if (!found.url.endsWith(`/streams-core/dist/${replaced[mutant]}`) || context.parentURL?.includes('/mutants/')) return found
  return { ...found, url: new URL(`./${mutant}.mjs`, import.meta.url).href }
}
