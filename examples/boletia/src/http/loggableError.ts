/**
 * What of an error may be logged: its kind and where it came from. The message is left out, of its stack too: the driver
 * quotes documents in some of them, and documents hold addresses.
 */
export function loggableError(error: unknown): object {
  if (!(error instanceof Error)) return { kind: typeof error }
  const { code } = error as { readonly code?: unknown }
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: frames(error),
    ...(error.cause === undefined ? {} : { cause: loggableError(error.cause) }),
  }
}

function frames({ stack = '', message }: Error): readonly string[] {
  const start = stack.indexOf(message)
  // A message that was changed after the stack was made: nothing tells where the old one ends.
  if (start < 0) return []
  return stack
    .slice(start + message.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 8)
}
