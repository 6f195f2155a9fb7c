import type { Server } from 'node:http'
import { usage } from '../input/usage.js'
import { type Address, hostText } from './address.js'

const reasons: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is taken by another process there; give another one, or :0 for any that is free.`,
  EACCES: ({ port }) => `This user may not open port ${port}; give one above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `${host} is not an address of this machine; 0.0.0.0 stands for all that it has.`,
  ENOTFOUND: ({ host }) => `No host is called ${host}; give an address of this machine, or only :port.`,
  EAI_AGAIN: ({ host }) => `The name ${host} cannot be looked up now; give an address of this machine, or only :port.`,
}

/** Resolves with the URL once the server listens. @throws {StreamError} USAGE when it cannot; `source` is where the address was given. */
export async function listen(server: Server, address: Address, source: string): Promise<string> {
  const { host, port } = address
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw usage(`${source}: ${hostText(host)}:${port} cannot be listened on`, reasons[code]?.(address) ?? `${message}.`)
  }
  const bound = server.address()
  return `http://${hostText(host)}:${typeof bound === 'object' && bound !== null ? bound.port : port}`
}
