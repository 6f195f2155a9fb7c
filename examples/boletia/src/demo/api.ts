import type { Urls } from './services.js'

/** A reply of a service, as it came. */
export interface Reply<Body> {
  readonly status: number
  readonly body: Body
}

export interface ReservationReply {
  readonly Id: string
  readonly Estado: string
  readonly Cantidad: number
}

/** Both services' routes that the demo uses. */
export interface Api {
  createEvent(nombre: string, capacidad: number): Promise<Reply<unknown>>
  cancelEvent(nombre: string): Promise<Reply<unknown>>
  left(nombre: string): Promise<Reply<{ readonly Disponible: number; readonly Estado: string }>>
  reserve(evento: string, cantidad: number, email: string): Promise<Reply<ReservationReply>>
  reservation(id: string): Promise<Reply<ReservationReply>>
  cancelReservation(id: string): Promise<Reply<unknown>>
}

export function httpApi({ eventos, reservas }: Urls, signal: AbortSignal): Api {
  async function send<Body>(method: string, url: string, body?: object): Promise<Reply<Body>> {
    const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(url, { method, signal, ...json })
    const text = await response.text()
    if (response.status >= 500) throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${text}`)
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as Body }
  }
  const named = encodeURIComponent
  return {
    createEvent: (nombre, capacidad) => send('POST', `${eventos}/eventos`, { nombre, capacidad, categoria: 'música' }),
    cancelEvent: (nombre) => send('DELETE', `${eventos}/eventos/${named(nombre)}`),
    left: (nombre) => send('GET', `${reservas}/reservas/inventario/${named(nombre)}`),
    reserve: (evento, cantidad, email) => send('POST', `${reservas}/reservas`, { evento, cantidad, email }),
    reservation: (id) => send('GET', `${reservas}/reservas/${id}`),
    cancelReservation: (id) => send('DELETE', `${reservas}/reservas/${id}`),
  }
}
