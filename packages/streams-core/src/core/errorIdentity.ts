/** Of a handler's error what can be no personal data: its message may quote a document. */
export function errorIdentity(error: unknown): { readonly name: string; readonly code: string | null } {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return {
    name: error instanceof Error ? error.name : typeof error,
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
  }
}
