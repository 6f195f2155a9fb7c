export interface Reply {
  readonly status: number
  readonly type: string
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown
}

export async function send(method: string, url: string, body?: unknown): Promise<Reply> {
  return sendRaw(
    method,
    url,
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
}

/** With a body and headers of any kind, JSON or not. */
export async function sendRaw(method: string, url: string, init: Omit<RequestInit, 'method'>): Promise<Reply> {
  const response = await fetch(url, { ...init, method })
  const type = response.headers.get('content-type') ?? ''
  const text = await response.text()
  return { status: response.status, type, body: type.startsWith('application/json') ? JSON.parse(text) : text }
}

/** `[status, code]` of an error reply whose shape is exactly the promised one; of anything else the whole reply. */
export function refused({ status, body }: Reply): unknown {
  const { error, ...others } = body as { readonly error?: { readonly code: unknown; readonly message: unknown } }
  const exact = error !== undefined && Object.keys(others).length === 0 && Object.keys(error).length === 2
  return exact && typeof error.message === 'string' && error.message !== '' ? [status, error.code] : { status, body }
}

export function repeated<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value)
}
