import type { Children } from './children.js'
import { eventually } from './eventually.js'
import { type Setting, serviceProgram } from './programs.js'

export type Urls = Readonly<Record<'eventos' | 'reservas', string>>

/** Both HTTP services, each a process. Resolves with their URLs once they are ready for requests. */
export async function startServices(
  children: Children,
  ports: Readonly<Record<keyof Urls, number>>,
  setting: Setting,
  signal: AbortSignal,
): Promise<Urls> {
  const start = async (name: keyof Urls): Promise<string> => {
    const child = children.start(serviceProgram(name, ports[name], setting))
    const said = new RegExp(`^${name} listening on (http://\\S+)$`, 'm')
    const url = await eventually(`${name} listens`, () => said.exec(child.log())?.[1], { signal })
    return await eventually(`${name} is ready`, async () => ((await fetch(`${url}/readyz`, { signal })).ok ? url : undefined), {
      signal,
    })
  }
  const [eventos, reservas] = await Promise.all([start('eventos'), start('reservas')])
  return { eventos, reservas }
}
