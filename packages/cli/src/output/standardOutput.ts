import { fstatSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { StreamError } from '@boletia/streams-core/errors'

type Failure = Error & { readonly code?: string }

/** Writes to stdout, to a file the whole of it: of a file that is full after a part Node tells nobody, and the rest is lost. */
export function writeOut(text: string): void {
  if (!fstatSync(1).isFile()) return void process.stdout.write(text)
  try {
    for (let left = Buffer.from(text); left.length > 0; left = left.subarray(writeSync(1, left)));
  } catch (error) {
    // As the stream itself would tell it: who listens for a reader that went away hears this too.
    process.stdout.emit('error', error)
  }
}

/**
 * Listens for failures of stdout and stderr. What it returns waits until all is written, and gives what is to be told; a reader that went away
 * (`| head`) is no failure, and of stderr there is nobody left to tell.
 */
export function watchOutput(): () => Promise<StreamError<'OUTPUT_FAILED'> | null> {
  let first: Failure | null = null
  process.stdout.on('error', (error: Failure) => (first ??= error))
  process.stderr.on('error', () => {})
  return async () => {
    await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
    // A stream calls back before it emits.
    await setImmediate()
    return first === null || first.code === 'EPIPE' ? null : outputFailed(first)
  }
}

function outputFailed(cause: Failure): StreamError<'OUTPUT_FAILED'> {
  return new StreamError('OUTPUT_FAILED', `stdout could not be written: ${cause.message}`, {
    cause,
    details: { why: 'What was to be read there is lost or cut off. What the command was to do is done all the same.' },
  })
}
