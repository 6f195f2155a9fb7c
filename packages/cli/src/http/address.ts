import { usage } from '../input/usage.js'

export interface Address {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export const addressForm = 'Write [host]:port, for example :9464 (this machine only), 0.0.0.0:9464 or [::1]:9464.'

/** `[host]:port` as text; null when it is none. */
export function addressOf(text: string): Address | null {
  const [, inBrackets, plain, digits = ''] = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === '' || port > 65_535 ? null : { host: inBrackets || plain || '127.0.0.1', port }
}

/** The same, where `source` is where it was given. @throws {StreamError} USAGE */
export function parseAddress(text: string, source: string): Address {
  const address = addressOf(text)
  if (address === null) throw usage(`${source}: "${text}" is not an address`, addressForm)
  return address
}

/** As it stands in a URL. */
export const hostText = (host: string) => (host.includes(':') ? `[${host}]` : host)

export const isLoopback = (host: string) => /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(host)
