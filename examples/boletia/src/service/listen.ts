import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'

/** Thrown when the address cannot be had; the message says what to type. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen'
}

/** Listens and returns the URL with the port that was given. @throws {CannotListen} after closing the app. */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    const message =
      code === 'EADDRINUSE'
        ? `port ${port} on ${host} is busy: stop what listens there, or choose another: PORT=${port + 1} (PORT=0 takes a free one)`
        : `cannot listen on ${host}, port ${port} (${code}): check HOST and PORT`
    throw new CannotListen(message, { cause: error })
  }
  const { port: given } = app.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${given}`
}
